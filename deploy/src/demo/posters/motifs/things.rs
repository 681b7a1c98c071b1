//! Things: a clock, a letter, an eye, a curtain.

use std::f32::consts::TAU;

use tiny_skia::{PathBuilder, Transform};

use super::super::{
    canvas::{Canvas, Colour, Fill, HEIGHT, WIDTH, smooth},
    chance::{Chance, number, part},
    palettes::Palette,
};

fn room(canvas: &mut Canvas, palette: &Palette, (x, y): (f32, f32)) {
    let (inner, outer) = (palette.ground.lighter(0.14), palette.ground.darker(0.2));
    canvas.rect((0.0, 0.0), (WIDTH, HEIGHT), Fill::Glow { at: (x, y), radius: 330.0, inner, outer });
}

fn round(colour: Colour, y: f32, radius: f32) -> Fill {
    Fill::Down { from: (y - radius, colour.lighter(0.16)), to: (y + radius, colour.darker(0.2)) }
}

/// A curtain that opens on a light.
pub fn drapes(canvas: &mut Canvas, chance: &mut Chance, palette: &Palette) {
    let light = palette.ink;
    canvas.rect((0.0, 0.0), (WIDTH, HEIGHT), palette.ground.darker(0.25));
    canvas.circle(
        (150.0, 300.0),
        250.0,
        Fill::Glow { at: (150.0, 300.0), radius: 250.0, inner: light, outer: light.sheer(0.0) },
    );
    let open = chance.between(34.0, 62.0);
    let folds = 8;
    for index in (0..folds).rev() {
        let (near, far) = (part(index, folds), part(index + 1, folds));
        for side in [-1.0_f32, 1.0] {
            let x = |way: f32, gap: f32| 150.0 + side * (150.0 - (150.0 - gap) * way);
            let (wide, tied) = (open * 0.25, open + 52.0);
            let mut path = PathBuilder::new();
            path.move_to(x(near, wide), 0.0);
            path.line_to(x(far, wide), 0.0);
            path.cubic_to(x(far, wide), 130.0, x(far, tied), 190.0, x(far, tied), 236.0);
            path.cubic_to(x(far, tied), 280.0, x(far, open), 300.0, x(far, open), 348.0);
            path.line_to(x(near, open), 348.0);
            path.cubic_to(x(near, open), 300.0, x(near, tied), 280.0, x(near, tied), 236.0);
            path.cubic_to(x(near, tied), 190.0, x(near, wide), 130.0, x(near, wide), 0.0);
            path.close();
            let colour = if index % 2 == 0 { palette.one } else { palette.two };
            canvas.path(
                path.finish(),
                Fill::Down { from: (0.0, colour.lighter(0.05)), to: (348.0, colour.darker(0.35)) },
            );
        }
    }
    for side in [-1.0, 1.0] {
        canvas.stroke(
            &[(150.0 + side * (open + 40.0), 240.0), (150.0 + side * 150.0, 218.0)],
            7.0,
            palette.ink.towards(palette.one, 0.2),
        );
    }
    canvas.rect((0.0, 344.0), (WIDTH, 6.0), palette.ground.darker(0.5));
}

/// Worlds in a dark sky, one with a ring.
pub fn planets(canvas: &mut Canvas, chance: &mut Chance, palette: &Palette) {
    let (above, below) = (palette.two.lighter(0.12), palette.ground);
    canvas.rect((0.0, 0.0), (WIDTH, HEIGHT), Fill::Down { from: (0.0, above), to: (360.0, below) });
    for _ in 0..90 {
        let at = (chance.between(0.0, WIDTH), chance.between(0.0, 340.0));
        canvas.circle(
            at,
            chance.between(0.4, 1.5),
            palette.ground.lighter(0.8).sheer(chance.between(0.4, 1.0)),
        );
    }
    let (x, y, radius) =
        (chance.between(130.0, 180.0), chance.between(150.0, 176.0), chance.between(72.0, 88.0));
    let ring = |from: f32, to: f32| {
        let tilt = Transform::from_rotate_at(-22.0, x, y);
        let points: Vec<(f32, f32)> = (0..=60)
            .map(|step| from + (to - from) * part(step, 60))
            .map(|turn| (x + radius * 1.72 * (turn * TAU).cos(), y + radius * 0.44 * (turn * TAU).sin()))
            .collect();
        smooth(&points).finish().and_then(|path| path.transform(tilt))
    };
    canvas.line(ring(0.5, 1.0), 9.0, palette.two);
    canvas.circle((x, y), radius, round(palette.one, y, radius));
    for (index, height) in [-0.5, -0.12, 0.3, 0.62_f32].into_iter().enumerate() {
        let half = radius * (1.0 - height * height).sqrt();
        let colour = if index % 2 == 0 { palette.two } else { palette.ink };
        canvas.stroke(
            &[(x - half + 5.0, y + height * radius), (x + half - 5.0, y + height * radius)],
            5.0,
            colour.sheer(0.32),
        );
    }
    canvas.line(ring(0.0, 0.5), 9.0, palette.two.lighter(0.25));
    canvas.line(ring(0.0, 0.5), 2.0, palette.ink);
    for (at, radius, colour) in [
        ((52.0, 74.0), 19.0, palette.two),
        ((246.0, 300.0), 27.0, palette.ink),
        ((44.0, 292.0), 9.0, palette.one),
    ] {
        canvas.circle(at, radius, round(colour, at.1, radius));
    }
}

/// A clock that is nearly there.
pub fn clock(canvas: &mut Canvas, chance: &mut Chance, palette: &Palette) {
    let (x, y, radius) = (150.0, 172.0, 122.0);
    room(canvas, palette, (x, y));
    canvas.circle((x + 7.0, y + 10.0), radius, palette.ground.darker(0.5).sheer(0.4));
    canvas.circle((x, y), radius, round(palette.one, y, radius));
    canvas.circle((x, y), radius - 13.0, palette.ink);
    canvas.ring((x, y), radius - 40.0, 0.9, palette.two.sheer(0.7));
    let at = |turn: f32, length: f32| (x + (turn * TAU).sin() * length, y - (turn * TAU).cos() * length);
    let dark = palette.ground.darker(0.35);
    for minute in 0..60 {
        let turn = part(minute, 60);
        let (inner, width) = if minute % 5 == 0 { (radius - 33.0, 4.4) } else { (radius - 25.0, 1.2) };
        canvas.stroke(&[at(turn, inner), at(turn, radius - 20.0)], width, dark);
    }
    let hours = chance.between(0.05, 0.95);
    let minutes = (hours * 12.0).fract();
    canvas.stroke(&[at(hours, -14.0), at(hours, 58.0)], 9.0, dark);
    canvas.stroke(&[at(minutes, -18.0), at(minutes, 88.0)], 5.4, dark);
    let seconds = chance.next();
    canvas.stroke(&[at(seconds, -26.0), at(seconds, 94.0)], 1.8, palette.two.towards(palette.one, 0.6));
    canvas.circle((x, y), 8.0, palette.one);
}

/// A house front; one window is not like the others.
pub fn windows(canvas: &mut Canvas, chance: &mut Chance, palette: &Palette) {
    let wall = palette.ground.darker(0.22);
    canvas.rect(
        (0.0, 0.0),
        (WIDTH, HEIGHT),
        Fill::Down { from: (0.0, palette.ground.lighter(0.06)), to: (360.0, wall) },
    );
    let lit = (chance.pick(&[1, 2, 3]), chance.pick(&[1, 2]));
    for row in 0..5 {
        for column in 0..4 {
            let (x, y) = (24.0 + number(column) * 66.0, 18.0 + number(row) * 68.0);
            let is_lit = (row, column) == lit;
            let (glass, frame) = if is_lit {
                (palette.one.lighter(0.3), palette.ink)
            } else {
                (palette.two.towards(wall, 0.62), wall.darker(0.35))
            };
            if is_lit {
                let at = (x + 27.0, y + 25.0);
                canvas.circle(
                    at,
                    120.0,
                    Fill::Glow {
                        at,
                        radius: 120.0,
                        inner: palette.one.sheer(0.6),
                        outer: palette.one.sheer(0.0),
                    },
                );
            }
            canvas.rect((x, y), (54.0, 50.0), frame);
            canvas.rect(
                (x + 4.0, y + 4.0),
                (46.0, 42.0),
                Fill::Down { from: (y, glass), to: (y + 50.0, glass.darker(0.22)) },
            );
            if is_lit {
                canvas.circle((x + 30.0, y + 24.0), 6.0, palette.ground.darker(0.6));
                canvas.polygon(
                    &[(x + 20.0, y + 46.0), (x + 24.0, y + 32.0), (x + 36.0, y + 32.0), (x + 40.0, y + 46.0)],
                    palette.ground.darker(0.6),
                );
            } else if chance.next() < 0.45 {
                canvas.rect(
                    (x + 4.0, y + 4.0),
                    (46.0, chance.between(12.0, 36.0)),
                    palette.two.towards(wall, 0.3),
                );
            }
            canvas.rect((x + 25.6, y + 4.0), (2.8, 42.0), frame);
            canvas.rect((x - 4.0, y + 50.0), (62.0, 5.0), frame);
        }
    }
}

/// A flower, seen from above.
pub fn petals(canvas: &mut Canvas, chance: &mut Chance, palette: &Palette) {
    let (x, y) = (chance.between(130.0, 170.0), chance.between(160.0, 184.0));
    room(canvas, palette, (x, y));
    let count = chance.pick(&[8, 10, 12]);
    let rounds = [
        (172.0, 40.0, palette.two, 0.0),
        (132.0, 34.0, palette.one, 0.5),
        (88.0, 25.0, palette.ink, 0.0),
        (54.0, 17.0, palette.one.darker(0.2), 0.5),
    ];
    for (length, width, colour, shift) in rounds {
        for index in 0..count {
            let angle = (part(index, count) + shift / number(count)) * 360.0;
            let mut path = PathBuilder::new();
            path.move_to(x, y);
            path.cubic_to(x - width, y - length * 0.4, x - width * 0.85, y - length * 0.86, x, y - length);
            path.cubic_to(x + width * 0.85, y - length * 0.86, x + width, y - length * 0.4, x, y);
            path.close();
            let petal = path.finish().and_then(|path| path.transform(Transform::from_rotate_at(angle, x, y)));
            let (inner, outer) = (colour.darker(0.3), colour.lighter(0.08));
            canvas.path(petal.clone(), Fill::Glow { at: (x, y), radius: length, inner, outer });
            canvas.line(petal, 0.9, colour.darker(0.4).sheer(0.5));
        }
    }
    canvas.circle((x, y), 15.0, round(palette.two.lighter(0.2), y, 15.0));
}

/// An eye that looks back.
pub fn eye(canvas: &mut Canvas, chance: &mut Chance, palette: &Palette) {
    let (x, y) = (150.0, 172.0);
    room(canvas, palette, (x, y));
    for index in 0..28 {
        let angle = part(index, 28) * TAU;
        let at = |length: f32| (x + angle.cos() * length, y + angle.sin() * length * 0.8);
        let far = if index % 2 == 0 { 212.0 } else { 178.0 };
        canvas.stroke(&[at(128.0), at(far)], 2.6, palette.two);
    }
    let lid = |height: f32, half: f32| {
        let mut path = smooth(&[(x - half, y)]);
        path.cubic_to(x - half * 0.5, y - height, x + half * 0.5, y - height, x + half, y);
        path.cubic_to(x + half * 0.5, y + height, x - half * 0.5, y + height, x - half, y);
        path.close();
        path.finish()
    };
    canvas.path(lid(124.0, 140.0), palette.one);
    canvas.path(lid(104.0, 122.0), palette.ink);
    let (look, radius) = (chance.between(-16.0, 16.0), 58.0);
    canvas.circle((x + look, y), radius, round(palette.two, y, radius));
    for index in 0..36 {
        let angle = part(index, 36) * TAU;
        let at = |length: f32| (x + look + angle.cos() * length, y + angle.sin() * length);
        canvas.stroke(&[at(30.0), at(chance.between(44.0, 55.0))], 1.4, palette.one.sheer(0.75));
    }
    canvas.circle((x + look, y), 28.0, palette.ground.darker(0.7));
    canvas.circle((x + look - 15.0, y - 16.0), 10.0, palette.ink.lighter(0.4));
}

/// A letter that has been on its way for long.
pub fn letter(canvas: &mut Canvas, chance: &mut Chance, palette: &Palette) {
    room(canvas, palette, (150.0, 170.0));
    for index in 0..9 {
        let at = (chance.between(-10.0, 310.0), chance.between(-10.0, 330.0));
        let leaf = if index % 2 == 0 { palette.one } else { palette.two };
        canvas.circle(at, chance.between(6.0, 22.0), leaf.sheer(0.35));
    }
    let tilt = Transform::from_rotate_at(chance.between(-11.0, -6.0), 150.0, 180.0);
    let mut sheet = |corners: &[(f32, f32)], fill: Fill| {
        canvas.path(super::super::canvas::closed(corners).and_then(|path| path.transform(tilt)), fill);
    };
    let paper = palette.ink.lighter(0.2);
    sheet(
        &[(36.0, 112.0), (276.0, 112.0), (276.0, 276.0), (36.0, 276.0)],
        palette.ground.darker(0.6).sheer(0.4).into(),
    );
    sheet(
        &[(30.0, 100.0), (270.0, 100.0), (270.0, 264.0), (30.0, 264.0)],
        Fill::Down { from: (100.0, paper), to: (264.0, paper.darker(0.1)) },
    );
    sheet(&[(30.0, 264.0), (128.0, 176.0), (172.0, 176.0), (270.0, 264.0)], paper.darker(0.07).into());
    sheet(
        &[(30.0, 100.0), (270.0, 100.0), (150.0, 206.0)],
        Fill::Down { from: (100.0, paper.darker(0.03)), to: (206.0, paper.darker(0.2)) },
    );
    for index in 0..20 {
        let colour = if index % 2 == 0 { palette.one } else { palette.two };
        let x = 30.0 + number(index) * 12.0;
        sheet(&[(x + 3.0, 254.0), (x + 10.0, 254.0), (x + 7.0, 264.0), (x, 264.0)], colour.into());
    }
    let seal = (148.0, 204.0);
    canvas.circle((seal.0 + 2.0, seal.1 + 3.0), 24.0, palette.ground.darker(0.6).sheer(0.4));
    canvas.circle(seal, 24.0, round(palette.one, seal.1, 24.0));
    canvas.ring(seal, 16.0, 1.6, palette.one.darker(0.35));
}

/// Stairs to a door that stands open.
pub fn stairs(canvas: &mut Canvas, chance: &mut Chance, palette: &Palette) {
    let dark = palette.ground.darker(0.45);
    canvas.rect(
        (0.0, 0.0),
        (WIDTH, HEIGHT),
        Fill::Down { from: (0.0, palette.ground.lighter(0.06)), to: (350.0, dark) },
    );
    let x = chance.between(136.0, 164.0);
    let light = palette.one.lighter(0.2);
    canvas.circle(
        (x, 104.0),
        190.0,
        Fill::Glow { at: (x, 104.0), radius: 190.0, inner: light.sheer(0.75), outer: light.sheer(0.0) },
    );
    for index in 0..9 {
        let (step, next) = (part(index, 9), part(index + 1, 9));
        let (half, y) = (34.0 + step * step * 128.0, 150.0 + step * 205.0);
        let (below, height) = (34.0 + next * next * 128.0, 205.0 / 9.0);
        let tread = [
            (x - half, y),
            (x + half, y),
            (x + half.midpoint(below), y + height * 0.55),
            (x - half.midpoint(below), y + height * 0.55),
        ];
        canvas.polygon(&tread, light.towards(palette.two, 0.25 + step * 0.75));
        canvas.rect(
            (x - half.midpoint(below), y + height * 0.5),
            (half + below, height * 0.6),
            dark.towards(palette.two, 0.3 - step * 0.25),
        );
    }
    canvas.rect((x - 30.0, 44.0), (60.0, 107.0), light);
    canvas.polygon(
        &[(x - 30.0, 44.0), (x - 62.0, 34.0), (x - 62.0, 166.0), (x - 30.0, 151.0)],
        palette.two.darker(0.2),
    );
    canvas.circle((x - 55.0, 102.0), 2.6, light);
    canvas.circle((x + 6.0, 92.0), 8.0, dark);
    canvas.polygon(&[(x - 6.0, 151.0), (x - 4.0, 104.0), (x + 16.0, 104.0), (x + 18.0, 151.0)], dark);
}

/// Slices of an orange, whatever the genre.
pub fn citrus(canvas: &mut Canvas, chance: &mut Chance, palette: &Palette) {
    let palette = &Palette { one: Colour::hex(0x00f2_8a1e), ..*palette };
    room(canvas, palette, (150.0, 170.0));
    let slices = [
        ((60.0, 74.0), 70.0),
        ((232.0, 118.0), 84.0),
        ((104.0, 238.0), 92.0),
        ((262.0, 286.0), 54.0),
        ((10.0, 330.0), 46.0),
    ];
    for ((x, y), radius) in slices {
        let start = chance.between(0.0, 1.0);
        canvas.circle((x + 4.0, y + 7.0), radius, palette.ground.darker(0.6).sheer(0.35));
        canvas.circle((x, y), radius, round(palette.one, y, radius));
        canvas.circle((x, y), radius * 0.9, palette.ink);
        for index in 0..9 {
            let at = |turn: f32, length: f32| {
                let angle = (start + turn) * TAU;
                (x + angle.cos() * length * radius, y + angle.sin() * length * radius)
            };
            let (from, to) = (part(index, 9) + 0.012, part(index + 1, 9) - 0.012);
            let mut segment = vec![at(from.midpoint(to), 0.1)];
            segment.extend((0..=8).map(|step| at(from + (to - from) * part(step, 8), 0.81)));
            let colour = if index % 3 == 0 { palette.one.lighter(0.22) } else { palette.one };
            canvas.polygon(
                &segment,
                Fill::Glow { at: (x, y), radius, inner: colour.lighter(0.3), outer: colour },
            );
        }
    }
}
