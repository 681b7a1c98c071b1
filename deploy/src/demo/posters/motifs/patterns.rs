//! Figures that repeat: circles, stripes, tiles.

use std::f32::consts::TAU;

use tiny_skia::PathBuilder;

use super::super::{
    canvas::{Canvas, Colour, Fill, HEIGHT, WIDTH, smooth},
    chance::{Chance, number, part},
    palettes::Palette,
};

fn ground(canvas: &mut Canvas, palette: &Palette) {
    let (above, below) = (palette.ground.lighter(0.05), palette.ground.darker(0.14));
    canvas.rect((0.0, 0.0), (WIDTH, HEIGHT), Fill::Down { from: (0.0, above), to: (HEIGHT, below) });
}

/// Circle in circle, drifting off like a whirl.
pub fn rings(canvas: &mut Canvas, chance: &mut Chance, palette: &Palette) {
    ground(canvas, palette);
    let (x, drift) = (
        chance.between(110.0, 190.0),
        chance.between(3.0, 6.0) * if chance.next() < 0.5 { 1.0 } else { -1.0 },
    );
    let colours = [palette.one, palette.ground, palette.two, palette.ground];
    for index in 0..12 {
        let step = number(index);
        let (radius, colour) = (184.0 - step * 15.4, colours[index % colours.len()]);
        let at = (x + drift * step, 176.0 + step * 2.2);
        canvas.circle(
            at,
            radius,
            Fill::Down {
                from: (at.1 - radius, colour.lighter(0.08)),
                to: (at.1 + radius, colour.darker(0.16)),
            },
        );
    }
    let last = (x + drift * 12.0, 203.0);
    canvas.circle(last, 7.0, palette.ink);
}

/// Rainbows, out of a corner or face to face.
pub fn arcs(canvas: &mut Canvas, chance: &mut Chance, palette: &Palette) {
    ground(canvas, palette);
    let colours = if chance.next() < 0.5 {
        [palette.one, palette.two, palette.ink]
    } else {
        [palette.two, palette.ink, palette.one]
    };
    let step = chance.between(15.0, 22.0);
    match chance.pick(&[0, 1, 2]) {
        0 => bow(
            canvas,
            (if chance.next() < 0.5 { 0.0 } else { WIDTH }, 0.0),
            310.0,
            step * 1.3,
            palette.ground,
            colours,
        ),
        1 => {
            bow(canvas, (0.0, 60.0), 196.0, step, palette.ground, colours);
            bow(canvas, (WIDTH, 300.0), 190.0, step, palette.ground, [colours[2], colours[1], colours[0]]);
        }
        _ => {
            bow(canvas, (WIDTH / 2.0, -10.0), 170.0, step, palette.ground, colours);
            bow(
                canvas,
                (WIDTH / 2.0, 340.0),
                150.0,
                step,
                palette.ground,
                [colours[1], colours[0], colours[2]],
            );
        }
    }
}

fn bow(
    canvas: &mut Canvas,
    at: (f32, f32),
    mut radius: f32,
    step: f32,
    ground: Colour,
    colours: [Colour; 3],
) {
    let mut index = 0;
    while radius > step {
        let colour = colours[index % colours.len()];
        canvas.circle(
            at,
            radius,
            Fill::Down {
                from: (at.1 - radius, colour.lighter(0.1)),
                to: (at.1 + radius, colour.darker(0.1)),
            },
        );
        canvas.circle(at, radius - step * 0.62, ground);
        radius -= step;
        index += 1;
    }
}

/// A mosaic of quarter circles, discs and triangles.
pub fn tiles(canvas: &mut Canvas, chance: &mut Chance, palette: &Palette) {
    ground(canvas, palette);
    let side = 60.0;
    let colours = [palette.one, palette.two, palette.ink, palette.one.lighter(0.3)];
    for row in 0..6 {
        for column in 0..5 {
            let (x, y) = (number(column) * side, number(row) * side);
            let colour = chance.pick(&colours);
            let corner = chance.pick(&[(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)]);
            if chance.next() < 0.34 {
                canvas.rect((x, y), (side, side), chance.pick(&colours).towards(palette.ground, 0.62));
            }
            match chance.pick(&[0, 0, 0, 1, 2, 3, 4]) {
                0 => quarter(canvas, (x, y), side, corner, colour),
                1 => canvas.circle((x + side / 2.0, y + side / 2.0), side * 0.36, colour),
                2 => {
                    let far = (x + side * (1.0 - corner.0), y + side * (1.0 - corner.1));
                    canvas.polygon(
                        &[
                            (x + side * corner.0, y + side * (1.0 - corner.1)),
                            far,
                            (far.0, y + side * corner.1),
                        ],
                        colour,
                    );
                }
                3 => {
                    quarter(canvas, (x, y), side, corner, colour);
                    quarter(canvas, (x, y), side * 0.5, corner, palette.ground);
                }
                _ => {
                    for stripe in 0..4 {
                        canvas.rect((x, y + part(stripe, 4) * side), (side, side / 8.0), colour);
                    }
                }
            }
        }
    }
}

/// A quarter of a circle about one corner of a tile; a corner is 0 or 1 by 0 or 1.
fn quarter(canvas: &mut Canvas, (x, y): (f32, f32), side: f32, (right, below): (f32, f32), colour: Colour) {
    // In the tile's own square a smaller quarter keeps its corner.
    let tile = 60.0;
    let (cx, cy) = (x + tile * right, y + tile * below);
    let (dx, dy) = (side * (1.0 - 2.0 * right), side * (1.0 - 2.0 * below));
    let k = 0.5523;
    let mut path = PathBuilder::new();
    path.move_to(cx, cy);
    path.line_to(cx + dx, cy);
    path.cubic_to(cx + dx, cy + dy * k, cx + dx * k, cy + dy, cx, cy + dy);
    path.close();
    canvas.path(path.finish(), colour);
}

/// Light from above on a stage.
pub fn beams(canvas: &mut Canvas, chance: &mut Chance, palette: &Palette) {
    let dark = palette.ground.darker(0.3);
    canvas.rect((0.0, 0.0), (WIDTH, HEIGHT), Fill::Down { from: (0.0, dark), to: (320.0, palette.ground) });
    let floor = chance.between(300.0, 316.0);
    for (x, target, colour) in
        [(52.0, 196.0, palette.two), (248.0, 104.0, palette.one), (150.0, 150.0, palette.ink)]
    {
        let target = target + chance.between(-12.0, 12.0);
        let beam = [(x - 7.0, 18.0), (x + 7.0, 18.0), (target + 66.0, floor), (target - 66.0, floor)];
        canvas.polygon(&beam, Fill::Down { from: (10.0, colour.sheer(0.9)), to: (floor, colour.sheer(0.2)) });
        let mut pool = smooth(&[(target - 66.0, floor)]);
        pool.cubic_to(target - 66.0, floor + 20.0, target + 66.0, floor + 20.0, target + 66.0, floor);
        pool.cubic_to(target + 66.0, floor - 20.0, target - 66.0, floor - 20.0, target - 66.0, floor);
        canvas.path(pool.finish(), colour.sheer(0.55));
        canvas.circle((x, 18.0), 10.0, colour.lighter(0.45));
    }
    // Somebody stands in the light.
    let (x, coat) = (150.0 + chance.between(-10.0, 10.0), palette.ground.darker(0.65));
    canvas.circle((x, floor - 92.0), 11.0, coat);
    let mut body = smooth(&[(x - 15.0, floor)]);
    body.cubic_to(x - 22.0, floor - 60.0, x - 16.0, floor - 82.0, x, floor - 82.0);
    body.cubic_to(x + 16.0, floor - 82.0, x + 22.0, floor - 60.0, x + 15.0, floor);
    body.close();
    canvas.path(body.finish(), coat);
}

/// Stripes across, some of them missing.
pub fn slashes(canvas: &mut Canvas, chance: &mut Chance, palette: &Palette) {
    ground(canvas, palette);
    let colours = [palette.one, palette.two, palette.one.darker(0.25), palette.ink];
    let mut x = -280.0;
    let mut index = 0;
    while x < WIDTH {
        let (width, colour) = (chance.between(10.0, 40.0), colours[index % colours.len()]);
        let (top, bottom) = (chance.between(-30.0, 90.0), chance.between(270.0, 356.0));
        let lean = |y: f32| x + 240.0 * (340.0 - y) / 340.0;
        let stripe = [
            (lean(top), top),
            (lean(top) + width, top),
            (lean(bottom) + width, bottom),
            (lean(bottom), bottom),
        ];
        canvas.polygon(
            &stripe,
            Fill::Down { from: (top, colour.lighter(0.12)), to: (bottom, colour.darker(0.2)) },
        );
        x += width + chance.between(6.0, 22.0);
        index += 1;
    }
    canvas.circle(
        (chance.between(90.0, 210.0), chance.between(110.0, 180.0)),
        chance.between(34.0, 50.0),
        palette.ink,
    );
}

/// Dots that grow towards a light.
pub fn halftone(canvas: &mut Canvas, chance: &mut Chance, palette: &Palette) {
    ground(canvas, palette);
    let (x, y) = (chance.between(70.0, 230.0), chance.between(90.0, 200.0));
    let other = (WIDTH - x, 300.0 - y * 0.7);
    canvas.circle(
        other,
        74.0,
        Fill::Down {
            from: (other.1 - 74.0, palette.two.lighter(0.1)),
            to: (other.1 + 74.0, palette.two.darker(0.2)),
        },
    );
    for row in 0..26 {
        for column in 0..21 {
            let odd = part(row % 2, 2);
            let (cx, cy) = ((number(column) + odd) * 15.0 - 5.0, number(row) * 13.0 + 4.0);
            let radius = 8.6 - (cx - x).hypot(cy - y) / 23.0;
            if radius > 0.6 {
                canvas.circle((cx, cy), radius.min(7.4), palette.one);
            }
        }
    }
}

/// A map: line in line around two heights.
pub fn contours(canvas: &mut Canvas, chance: &mut Chance, palette: &Palette) {
    ground(canvas, palette);
    let (x, y, bend) = (chance.between(110.0, 190.0), chance.between(140.0, 180.0), chance.between(0.0, TAU));
    for index in 0..13 {
        let step = number(index);
        let radius = 208.0 - step * 15.5;
        let corners: Vec<(f32, f32)> = (0..72)
            .map(|corner| {
                let angle = part(corner, 72) * TAU;
                let swell = 1.0
                    + 0.17 * (angle * 2.0 + bend).sin()
                    + 0.08 * (angle * 3.0 - bend + step * 0.2).cos()
                    + 0.04 * (angle * 5.0 + bend * 2.0).sin();
                (
                    x + radius * swell * angle.cos() + step * 2.5,
                    y + radius * swell * 0.86 * angle.sin() + step * 1.5,
                )
            })
            .collect();
        let high = palette.two.towards(palette.one, step / 12.0);
        canvas.polygon(&corners, high.towards(palette.ground, 0.86 - step * 0.07));
        let mut line = corners;
        line.push(line[0]);
        canvas.stroke(&line, if index % 4 == 0 { 1.8 } else { 0.8 }, palette.ink.sheer(0.5));
    }
    let top = (x + 34.0, y + 18.0);
    canvas.polygon(
        &[(top.0, top.1 - 9.0), (top.0 + 8.0, top.1 + 6.0), (top.0 - 8.0, top.1 + 6.0)],
        palette.ink,
    );
}

/// Waves of sound from a mast.
pub fn signal(canvas: &mut Canvas, chance: &mut Chance, palette: &Palette) {
    let night = palette.ground.darker(0.2);
    canvas.rect(
        (0.0, 0.0),
        (WIDTH, HEIGHT),
        Fill::Down { from: (0.0, night), to: (330.0, palette.ground.towards(palette.one, 0.2)) },
    );
    let (x, y) = (chance.between(120.0, 180.0), 132.0);
    canvas.circle(
        (x, y),
        220.0,
        Fill::Glow {
            at: (x, y),
            radius: 220.0,
            inner: palette.one.sheer(0.45),
            outer: palette.one.sheer(0.0),
        },
    );
    for index in 1..9 {
        let colour = if index % 2 == 0 { palette.two } else { palette.one };
        canvas.ring((x, y), number(index) * 26.0, 9.0 - part(index, 2), colour.sheer(1.0 - part(index, 11)));
    }
    let mast = palette.ground.darker(0.6);
    for side in [-1.0, 1.0] {
        canvas.stroke(&[(x + side * 4.0, y), (x + side * 40.0, 352.0)], 4.0, mast);
    }
    for index in 0..7 {
        let (above, below) = (part(index, 7), part(index + 1, 7));
        let at = |way: f32, side: f32| (x + side * (4.0 + 36.0 * way), y + 220.0 * way);
        canvas.stroke(&[at(above, -1.0), at(below, 1.0)], 2.2, mast);
        canvas.stroke(&[at(above, 1.0), at(below, -1.0)], 2.2, mast);
    }
    canvas.circle((x, y), 11.0, palette.ink);
}
