//! A surface of 300 by 450 units to draw on: shapes in flat colours and soft transitions.

use image::{DynamicImage, RgbImage, RgbaImage};
use tiny_skia::{
    Color, FillRule, GradientStop, LinearGradient, Paint, Path, PathBuilder, Pixmap, Point, RadialGradient,
    Rect, Shader, SpreadMode, Stroke, Transform,
};

/// Of the drawing, in its own units: two to three, like a poster.
pub const WIDTH: f32 = 300.0;
/// See [`WIDTH`].
pub const HEIGHT: f32 = 450.0;
/// Pixels a unit.
const SCALE: f32 = 8.0 / 3.0;
const PIXELS: (u32, u32) = (800, 1200);

/// A colour of the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Colour {
    red: f32,
    green: f32,
    blue: f32,
    alpha: f32,
}

impl Colour {
    /// Written as in CSS, without the `#`.
    pub const fn hex(rgb: u32) -> Self {
        let [_, red, green, blue] = rgb.to_be_bytes();
        Self { red: red as f32 / 255.0, green: green as f32 / 255.0, blue: blue as f32 / 255.0, alpha: 1.0 }
    }

    /// Some of the way to another one: 0 is this one, 1 is the other.
    pub fn towards(self, other: Self, way: f32) -> Self {
        let between = |one: f32, two: f32| one + (two - one) * way;
        Self {
            red: between(self.red, other.red),
            green: between(self.green, other.green),
            blue: between(self.blue, other.blue),
            alpha: between(self.alpha, other.alpha),
        }
    }

    pub fn darker(self, way: f32) -> Self {
        Self { alpha: self.alpha, ..self.towards(Self::hex(0x00_0000), way) }
    }

    pub fn lighter(self, way: f32) -> Self {
        Self { alpha: self.alpha, ..self.towards(Self::hex(0xff_ffff), way) }
    }

    /// So much of it: 0 is clear.
    pub fn sheer(self, alpha: f32) -> Self {
        Self { alpha, ..self }
    }

    fn paint(self) -> Color {
        let kept = |value: f32| value.clamp(0.0, 1.0);
        Color::from_rgba(kept(self.red), kept(self.green), kept(self.blue), kept(self.alpha))
            .unwrap_or(Color::BLACK)
    }
}

/// What a shape is filled with.
#[derive(Debug, Clone, Copy)]
pub enum Fill {
    Flat(Colour),
    /// From one height to another.
    Down {
        from: (f32, Colour),
        to: (f32, Colour),
    },
    /// From a place outwards.
    Glow {
        at: (f32, f32),
        radius: f32,
        inner: Colour,
        outer: Colour,
    },
}

impl From<Colour> for Fill {
    fn from(colour: Colour) -> Self {
        Self::Flat(colour)
    }
}

impl Fill {
    fn shader(self) -> Shader<'static> {
        let stops = |one: Colour, two: Colour| {
            vec![GradientStop::new(0.0, one.paint()), GradientStop::new(1.0, two.paint())]
        };
        let (shader, instead) = match self {
            Self::Flat(colour) => (None, colour),
            Self::Down { from: (top, one), to: (bottom, two) } => {
                let (start, end) = (Point::from_xy(0.0, top), Point::from_xy(0.0, bottom));
                let transform = Transform::identity();
                (LinearGradient::new(start, end, stops(one, two), SpreadMode::Pad, transform), two)
            }
            Self::Glow { at: (x, y), radius, inner, outer } => {
                let (at, transform) = (Point::from_xy(x, y), Transform::identity());
                let stops = stops(inner, outer);
                (RadialGradient::new(at, 0.0, at, radius, stops, SpreadMode::Pad, transform), outer)
            }
        };
        shader.unwrap_or(Shader::SolidColor(instead.paint()))
    }
}

/// A poster that is being drawn; places are in units from the top left.
pub struct Canvas(Pixmap);

impl Canvas {
    pub fn new(ground: impl Into<Fill>) -> Self {
        let (width, height) = PIXELS;
        let mut canvas = Self(Pixmap::new(width, height).expect("the size of a poster is not zero"));
        canvas.rect((0.0, 0.0), (WIDTH, HEIGHT), ground);
        canvas
    }

    pub fn path(&mut self, path: Option<Path>, fill: impl Into<Fill>) {
        // Shapes without an area are not drawn.
        let Some(path) = path else { return };
        let paint = Paint { shader: fill.into().shader(), ..Paint::default() };
        self.0.fill_path(&path, &paint, FillRule::Winding, Transform::from_scale(SCALE, SCALE), None);
    }

    pub fn line(&mut self, path: Option<Path>, width: f32, fill: impl Into<Fill>) {
        let Some(path) = path else { return };
        let paint = Paint { shader: fill.into().shader(), ..Paint::default() };
        let stroke = Stroke {
            width,
            line_cap: tiny_skia::LineCap::Round,
            line_join: tiny_skia::LineJoin::Round,
            ..Stroke::default()
        };
        self.0.stroke_path(&path, &paint, &stroke, Transform::from_scale(SCALE, SCALE), None);
    }

    pub fn rect(&mut self, (x, y): (f32, f32), (width, height): (f32, f32), fill: impl Into<Fill>) {
        self.path(Rect::from_xywh(x, y, width, height).map(PathBuilder::from_rect), fill);
    }

    pub fn circle(&mut self, (x, y): (f32, f32), radius: f32, fill: impl Into<Fill>) {
        self.path(PathBuilder::from_circle(x, y, radius), fill);
    }

    pub fn ring(&mut self, (x, y): (f32, f32), radius: f32, width: f32, fill: impl Into<Fill>) {
        self.line(PathBuilder::from_circle(x, y, radius), width, fill);
    }

    pub fn polygon(&mut self, corners: &[(f32, f32)], fill: impl Into<Fill>) {
        self.path(closed(corners), fill);
    }

    pub fn stroke(&mut self, points: &[(f32, f32)], width: f32, fill: impl Into<Fill>) {
        self.line(open(points), width, fill);
    }

    /// What was drawn. Nothing of it is transparent: the ground covers it.
    pub fn into_picture(self) -> RgbImage {
        let (width, height) = PIXELS;
        let picture = RgbaImage::from_raw(width, height, self.0.take()).expect("four bytes a pixel");
        DynamicImage::ImageRgba8(picture).into_rgb8()
    }
}

/// A path with straight sides.
pub fn closed(corners: &[(f32, f32)]) -> Option<Path> {
    let mut path = begun(corners)?;
    path.close();
    path.finish()
}

fn open(points: &[(f32, f32)]) -> Option<Path> {
    begun(points)?.finish()
}

fn begun(points: &[(f32, f32)]) -> Option<PathBuilder> {
    let ((x, y), rest) = points.split_first()?;
    let mut path = PathBuilder::new();
    path.move_to(*x, *y);
    for (x, y) in rest {
        path.line_to(*x, *y);
    }
    Some(path)
}

/// A path through points, without corners.
pub fn smooth(points: &[(f32, f32)]) -> PathBuilder {
    let mut path = PathBuilder::new();
    let Some((x, y)) = points.first() else { return path };
    path.move_to(*x, *y);
    for pair in points.windows(2) {
        let ((x1, y1), (x2, y2)): ((f32, f32), (f32, f32)) = (pair[0], pair[1]);
        path.cubic_to(x1.midpoint(x2), y1, x1.midpoint(x2), y2, x2, y2);
    }
    path
}
