//! Places: sea, mountains, streets, weather.

use tiny_skia::PathBuilder;

use super::super::{
    canvas::{Canvas, Fill, HEIGHT, WIDTH, smooth},
    chance::{Chance, number, part},
    palettes::Palette,
};

/// A sky that is lighter where the sun goes down.
fn sky(canvas: &mut Canvas, palette: &Palette, horizon: f32) {
    let (above, below) = (palette.ground.darker(0.12), palette.ground.towards(palette.one, 0.38));
    canvas.rect((0.0, 0.0), (WIDTH, HEIGHT), Fill::Down { from: (0.0, above), to: (horizon, below) });
}

fn sun(canvas: &mut Canvas, (x, y): (f32, f32), radius: f32, palette: &Palette) {
    let (inner, outer) = (palette.one.sheer(0.5), palette.one.sheer(0.0));
    canvas.circle((x, y), radius * 2.4, Fill::Glow { at: (x, y), radius: radius * 2.4, inner, outer });
    let (top, bottom) = (palette.one.lighter(0.25), palette.one);
    canvas.circle((x, y), radius, Fill::Down { from: (y - radius, top), to: (y + radius, bottom) });
}

/// The sun on a calm sea.
pub fn horizon(canvas: &mut Canvas, chance: &mut Chance, palette: &Palette) {
    let (y, x, radius) =
        (chance.between(200.0, 224.0), chance.between(105.0, 195.0), chance.between(70.0, 92.0));
    sky(canvas, palette, y);
    sun(canvas, (x, y - radius * 0.35), radius, palette);
    let sea = palette.two.towards(palette.ground, 0.25);
    canvas.rect((0.0, y), (WIDTH, HEIGHT - y), Fill::Down { from: (y, sea), to: (330.0, palette.ground) });
    for index in 0..9 {
        let step = number(index);
        let width = radius * (1.7 - step * 0.13) * chance.between(0.8, 1.12);
        let fill = if index % 2 == 0 { palette.one } else { palette.ink };
        let at = (x - width / 2.0 + chance.between(-9.0, 9.0), y + 5.0 + step * (7.0 + step * 1.1));
        canvas.rect(at, (width, 2.0 + step * 0.5), fill.sheer(0.85 - step * 0.06));
    }
}

/// Layer behind layer of water under a moon.
pub fn waves(canvas: &mut Canvas, chance: &mut Chance, palette: &Palette) {
    sky(canvas, palette, 260.0);
    let moon = (chance.between(80.0, 220.0), chance.between(84.0, 116.0));
    sun(canvas, moon, chance.between(38.0, 54.0), palette);
    let colours = [palette.two, palette.one, palette.ink, palette.two, palette.one];
    for (index, colour) in colours.into_iter().enumerate() {
        let (step, shift) = (number(index), chance.between(0.0, 150.0));
        sea(canvas, 168.0 + step * 34.0, 17.0 - step, shift, colour);
    }
}

/// Water up to a height, with waves on it.
fn sea(canvas: &mut Canvas, y: f32, height: f32, shift: f32, colour: super::super::canvas::Colour) {
    let humps: Vec<(f32, f32)> = (0..10)
        .map(|index| {
            let up = if index % 2 == 0 { -height } else { height };
            (number(index) * 56.0 - 60.0 - shift % 56.0, y + up)
        })
        .collect();
    let mut path = smooth(&humps);
    path.line_to(600.0, HEIGHT);
    path.line_to(-200.0, HEIGHT);
    path.close();
    canvas
        .path(path.finish(), Fill::Down { from: (y - height, colour), to: (y + 130.0, colour.darker(0.35)) });
}

/// A boat alone between two shores of light.
pub fn boat(canvas: &mut Canvas, chance: &mut Chance, palette: &Palette) {
    sky(canvas, palette, 230.0);
    sun(canvas, (chance.between(95.0, 205.0), 128.0), chance.between(58.0, 74.0), palette);
    sea(canvas, 232.0, 7.0, chance.between(0.0, 50.0), palette.two);
    let x = chance.between(120.0, 180.0);
    canvas.polygon(&[(x - 3.0, 112.0), (x - 3.0, 236.0), (x - 62.0, 226.0)], palette.ink);
    canvas.polygon(
        &[(x + 3.0, 132.0), (x + 46.0, 228.0), (x + 3.0, 234.0)],
        palette.ink.towards(palette.one, 0.45),
    );
    canvas.rect((x - 1.2, 106.0), (2.4, 140.0), palette.ink.darker(0.3));
    let hull = [(x - 74.0, 240.0), (x + 74.0, 240.0), (x + 48.0, 266.0), (x - 50.0, 266.0)];
    canvas.polygon(&hull, palette.ground.darker(0.45));
    sea(canvas, 262.0, 7.0, chance.between(0.0, 50.0), palette.two.darker(0.2));
    sea(canvas, 294.0, 8.0, chance.between(0.0, 50.0), palette.one.towards(palette.ground, 0.3));
}

/// Range behind range, the nearest the darkest.
pub fn peaks(canvas: &mut Canvas, chance: &mut Chance, palette: &Palette) {
    sky(canvas, palette, 280.0);
    sun(
        canvas,
        (chance.between(80.0, 220.0), chance.between(78.0, 104.0)),
        chance.between(30.0, 42.0),
        palette,
    );
    for index in 0..4 {
        let step = part(index, 4);
        let base = 190.0 + step * 150.0;
        let mut ridge = vec![(-20.0, HEIGHT)];
        let mut x = -20.0;
        while x < WIDTH + 60.0 {
            let top = base - chance.between(26.0, 92.0 - step * 34.0);
            ridge.push((x, base - chance.between(-6.0, 16.0)));
            x += chance.between(26.0, 48.0);
            ridge.push((x, top));
            x += chance.between(26.0, 48.0);
        }
        ridge.push((WIDTH + 80.0, HEIGHT));
        let near = palette.two.towards(palette.ground.darker(0.35), step * 1.1);
        canvas.polygon(
            &ridge,
            Fill::Down { from: (base - 80.0, near.lighter(0.12)), to: (base + 90.0, near.darker(0.2)) },
        );
    }
}

/// Houses at night, some of them awake.
pub fn skyline(canvas: &mut Canvas, chance: &mut Chance, palette: &Palette) {
    sky(canvas, palette, 300.0);
    sun(canvas, (chance.between(80.0, 220.0), 112.0), chance.between(46.0, 64.0), palette);
    for (depth, colour) in
        [(0.0, palette.two.towards(palette.ground, 0.45)), (1.0, palette.ink.towards(palette.ground, 0.82))]
    {
        let mut x = -14.0;
        while x < WIDTH {
            let (width, height) = (chance.between(26.0, 50.0), chance.between(70.0, 190.0 - depth * 66.0));
            let top = 352.0 - height;
            canvas.rect(
                (x, top),
                (width, height + 20.0),
                Fill::Down { from: (top, colour.lighter(0.07)), to: (352.0, colour.darker(0.3)) },
            );
            if chance.next() < 0.3 {
                canvas.rect((x + width / 2.0 - 0.8, top - 16.0), (1.6, 17.0), colour);
            }
            let mut lamp = top + 10.0;
            while lamp < 344.0 && depth > 0.5 {
                for column in 0..3 {
                    if chance.next() < 0.36 {
                        let at = (x + 6.0 + number(column) * (width - 12.0) / 3.0, lamp);
                        canvas.rect(at, (4.4, 6.4), palette.one.lighter(chance.between(0.0, 0.4)));
                    }
                }
                lamp += 13.0;
            }
            x += width + 2.0;
        }
    }
}

/// A line of railway that goes straight into the light.
pub fn rails(canvas: &mut Canvas, chance: &mut Chance, palette: &Palette) {
    let (x, y) = (chance.between(120.0, 180.0), 178.0);
    sky(canvas, palette, y);
    sun(canvas, (x, y - 8.0), chance.between(54.0, 70.0), palette);
    let earth = palette.ground.towards(palette.two, 0.5);
    canvas.rect(
        (0.0, y),
        (WIDTH, HEIGHT - y),
        Fill::Down { from: (y, earth.darker(0.15)), to: (350.0, palette.ground.darker(0.3)) },
    );
    let at = |way: f32| y + way * way * 200.0;
    for index in 1..15 {
        let way = part(index, 14);
        let (half, height) = (10.0 + way * way * 128.0, 1.0 + way * way * 11.0);
        canvas.rect((x - half, at(way)), (half * 2.0, height), palette.ink.sheer(0.25 + way * 0.4));
    }
    for side in [-1.0, 1.0] {
        let rail =
            [(x + side * 3.0, y), (x + side * 5.0, y), (x + side * 118.0, 380.0), (x + side * 100.0, 380.0)];
        canvas.polygon(&rail, Fill::Down { from: (y, palette.one.lighter(0.4)), to: (360.0, palette.ink) });
    }
    for (index, side) in [-1.0_f32, 1.0, -1.0, 1.0, -1.0].into_iter().enumerate() {
        let way = part(index + 1, 5);
        let (px, top) = (x + side * (24.0 + way * way * 150.0), y - 16.0 - way * way * 130.0);
        canvas.rect((px, top), (1.2 + way * 3.0, at(way) - top), palette.ground.darker(0.6));
    }
}

/// Rain, and somebody under an umbrella.
pub fn rain(canvas: &mut Canvas, chance: &mut Chance, palette: &Palette) {
    sky(canvas, palette, 420.0);
    let (x, y, radius) = (chance.between(130.0, 175.0), 214.0, 104.0);
    for _ in 0..130 {
        let (rx, ry, length) =
            (chance.between(-40.0, 320.0), chance.between(-30.0, 330.0), chance.between(14.0, 34.0));
        let sheltered = (rx - x).abs() < radius * 0.94 && ry + length > y - 84.0;
        if !sheltered {
            let colour = if chance.next() < 0.3 { palette.one } else { palette.ink };
            canvas.stroke(
                &[(rx, ry), (rx - length * 0.28, ry + length)],
                chance.between(0.8, 2.0),
                colour.sheer(0.65),
            );
        }
    }
    let mut path = smooth(&[(x, y - 112.0)]);
    let k = radius * 0.5523;
    path.cubic_to(x + k, y - 112.0, x + radius, y - k, x + radius, y);
    for index in (0..4).rev() {
        let (end, mid) = (x - radius + part(index, 4) * radius * 2.0, radius / 4.0);
        path.quad_to(end + mid, y - 24.0, end, y);
    }
    path.cubic_to(x - radius, y - k, x - k, y - 112.0, x, y - 112.0);
    path.close();
    canvas.path(
        path.finish(),
        Fill::Down { from: (y - 112.0, palette.one.lighter(0.12)), to: (y, palette.one.darker(0.18)) },
    );
    for turn in [-0.5, 0.0, 0.5] {
        let mut rib = smooth(&[(x, y - 112.0)]);
        rib.quad_to(x + turn * radius, y - 90.0, x + turn * radius, y - 4.0);
        canvas.line(rib.finish(), 1.4, palette.ground.darker(0.2).sheer(0.5));
    }
    canvas.stroke(&[(x, y - 122.0), (x, y + 96.0)], 4.0, palette.ink);
    let mut hook = smooth(&[(x, y + 94.0)]);
    hook.cubic_to(x, y + 120.0, x + 26.0, y + 120.0, x + 25.0, y + 98.0);
    canvas.line(hook.finish(), 4.0, palette.ink);
}

/// A road over hills.
pub fn road(canvas: &mut Canvas, chance: &mut Chance, palette: &Palette) {
    sky(canvas, palette, 240.0);
    sun(canvas, (chance.between(70.0, 230.0), 104.0), chance.between(40.0, 56.0), palette);
    let side = if chance.next() < 0.5 { 1.0 } else { -1.0 };
    let turned = |(x, y): (f32, f32)| (150.0 + side * (x - 150.0), y);
    let hills = [(168.0, 26.0, 0.15), (208.0, 30.0, 0.5), (252.0, 34.0, 0.85)];
    for (y, height, way) in hills {
        let colour = palette.two.towards(palette.ground.darker(0.3), way);
        let hill =
            [(-40.0, y + height), (60.0, y - height), (190.0, y + height * 0.7), (340.0, y - height * 0.8)];
        let mut path = smooth(&hill.map(turned));
        let ((end, _), (start, _)) = (turned((340.0, 0.0)), turned((-40.0, 0.0)));
        path.line_to(end, HEIGHT);
        path.line_to(start, HEIGHT);
        path.close();
        canvas.path(
            path.finish(),
            Fill::Down { from: (y - height, colour.lighter(0.1)), to: (y + 110.0, colour.darker(0.22)) },
        );
    }
    let bends = [(182.0, 206.0, 2.0), (126.0, 236.0, 6.0), (196.0, 276.0, 16.0), (96.0, 366.0, 52.0)];
    let left = bends.iter().map(|(x, y, width)| turned((x - width, *y)));
    let right = bends.iter().rev().map(|(x, y, width)| turned((x + width, *y)));
    let sides: Vec<(f32, f32)> = left.chain(right).collect();
    let mut path = PathBuilder::new();
    path.move_to(sides[0].0, sides[0].1);
    for pair in sides.windows(2) {
        let ((x1, y1), (x2, y2)) = (pair[0], pair[1]);
        path.cubic_to(x1, y1.midpoint(y2), x2, y1.midpoint(y2), x2, y2);
    }
    path.close();
    canvas.path(path.finish(), Fill::Down { from: (214.0, palette.one), to: (350.0, palette.ink) });
}
