//! Posters of the demo data, drawn here: a motif for each show, the colours and letterings of its genre, its title in large
//! letters. The same show gets the same poster each time. They are uploaded like anybody's.

mod canvas;
mod chance;
mod lettering;
mod motifs;
mod palettes;

use std::{collections::HashMap, thread::available_parallelism};

use anyhow::{Context, Result};
use futures_util::{StreamExt, TryStreamExt, stream};
use hyper::body::Bytes;
use image::codecs::jpeg::JpegEncoder;

use super::{api::Api, houses, programme::Show};
use canvas::{Canvas, Fill, HEIGHT, WIDTH};
use chance::Chance;
use lettering::Lettering;

pub use motifs::Art;

/// JPEG, of 1 to 100: it is written anew by whoever takes it.
const QUALITY: u8 = 92;
/// Between the edge and the letters, in units.
const MARGIN: f32 = 18.0;
/// Base of the last line of the title, and of the small print below it.
const TITLE_BASE: f32 = 405.0;
const PRINT_BASE: f32 = 430.0;
/// What a title may take, in units.
const TITLE_HEIGHT: f32 = 124.0;
/// Above the title the motif fades out, over so many units.
const FADE: f32 = 40.0;

/// Uploads a poster for each show of the demo data that has none; how many there were.
///
/// # Errors
///
/// The store for posters is away, or the installation. Running it again goes on.
pub async fn upload(admin: &Api) -> Result<usize> {
    let without = without_poster(admin).await?;
    let shows = houses::shows()?.into_iter().filter_map(|show| {
        let id = without.get(&(show.title.clone(), show.language.clone()))?.clone();
        Some((id, show))
    });
    // Two at least: one is drawn while another is looked through.
    let at_once = available_parallelism().map_or(2, usize::from).max(2);
    let uploads = stream::iter(shows).map(|(id, show)| async move {
        let poster = tokio::task::spawn_blocking(move || draw(&show)).await.context("drawing a poster")??;
        let answer = admin.put(&format!("/shows/{id}/poster"), "image/jpeg", poster).await?;
        answer.done().context("uploading a poster").map(drop)
    });
    let done: Vec<()> = uploads.buffer_unordered(at_once).try_collect().await?;
    Ok(done.len())
}

/// Ids of shows without a poster, by title and language.
async fn without_poster(admin: &Api) -> Result<HashMap<(String, String), String>> {
    let mut found = HashMap::new();
    let mut cursor = String::new();
    loop {
        let page = admin.get(&format!("/shows?status=active&limit=100{cursor}"), 0).await?;
        for show in page["items"].as_array().into_iter().flatten().filter(|show| show["poster_url"].is_null())
        {
            let text = |field: &str| show[field].as_str().unwrap_or_default().to_owned();
            found.insert((text("title"), text("language")), text("show_id"));
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(found),
        }
    }
}

/// The poster of a show, as JPEG.
fn draw(show: &Show) -> Result<Bytes> {
    let mut chance = Chance::of(&show.title);
    let manner = palettes::manner_of(&show.genres);
    // The first number picks the colours: the web app, which knows the title only, picks the same.
    let palette = chance.pick(manner.palettes);
    let lettering = chance.pick(manner.letterings);
    let mut canvas = Canvas::new(palette.ground);
    show.art.draw(&mut canvas, &mut chance, &palette);

    let title = lettering.set(&show.title, WIDTH - 2.0 * MARGIN, TITLE_HEIGHT);
    let top = TITLE_BASE - title.depth() - title.height();
    let floor = top - 14.0;
    let fade = Fill::Down { from: (floor - FADE, palette.ground.sheer(0.0)), to: (floor, palette.ground) };
    canvas.rect((0.0, floor - FADE), (WIDTH, FADE), fade);
    canvas.rect((0.0, floor - 0.5), (WIDTH, HEIGHT - floor + 0.5), palette.ground);
    title.write(&mut canvas, (MARGIN, top), palette.ink);
    let genres = show.genres.iter().take(2).map(String::as_str).collect::<Vec<_>>().join(" & ");
    let print = palette.ink.sheer(0.85);
    Lettering::Text.write(
        &mut canvas,
        (MARGIN, PRINT_BASE),
        10.5,
        &format!("{genres}  \u{b7}  {}", show.language),
        print,
    );
    let length = format!("{} min", show.minutes);
    let width = Lettering::Text.width(&length) * 10.5;
    Lettering::Text.write(&mut canvas, (WIDTH - MARGIN - width, PRINT_BASE), 10.5, &length, print);

    let mut jpeg = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut jpeg, QUALITY);
    encoder.encode_image(&canvas.into_picture()).context("writing a poster")?;
    Ok(jpeg.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_show_of_the_demo_data_has_a_poster_of_its_own() {
        let posters: Vec<Bytes> = houses::shows().unwrap().iter().map(|show| draw(show).unwrap()).collect();
        // To look at them: TICKETSHOW_POSTERS names a folder.
        if let Some(folder) = std::env::var_os("TICKETSHOW_POSTERS") {
            for (index, poster) in posters.iter().enumerate() {
                std::fs::write(std::path::Path::new(&folder).join(format!("{index:02}.jpg")), poster)
                    .unwrap();
            }
        }
        let different: std::collections::HashSet<_> = posters.iter().collect();
        assert_eq!(different.len(), posters.len());
        assert!(posters.iter().all(|poster| poster.len() < 1 << 20));
    }

    #[test]
    fn a_poster_is_the_same_each_time() {
        let show = &houses::shows().unwrap()[0];
        assert_eq!(draw(show).unwrap(), draw(show).unwrap());
    }
}
