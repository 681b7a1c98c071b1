//! Posters of the demo data: pictures in `posters/`, uploaded through the API like any other poster.

use std::collections::HashMap;

use anyhow::{Context, Result};
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::{
    api::Api,
    catalogue::{self, Show},
};

/// Uploads in flight at once: the server decodes and re-encodes each picture.
const AT_ONCE: usize = 2;

macro_rules! pictures {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../posters/", $name, ".jpg")))),*]
    };
}

/// Pictures by the name that `shows.json` gives them, JPEG.
const PICTURES: &[(&str, &[u8])] = pictures![
    "the-cartographers-daughter",
    "low-tide-radio",
    "nine-minutes-to-meridian",
    "paper-planets",
    "the-quiet-floor",
    "salt-and-ceremony",
    "harbour-lights-second-shift",
    "antimatter-choir",
    "last-over-at-lansdowne",
    "dhoop-chhaon",
    "chauthi-manzil",
    "barsaat-ke-baad",
    "gullak-gang",
    "akhri-platform",
    "naksha",
    "mithaiwala",
    "raat-rani",
    "dilli-6-baje",
    "kadal-kaatru",
    "moondram-kan",
    "poongatru-express",
    "ilaiyudhir-kaalam",
    "thirai-marai",
    "mungaru-mane",
    "aaneya-neralu",
    "namma-gadiyara",
    "kattale-belaku",
    "pandharichi-savli",
    "chaal-no-17",
    "vaadal-vaata",
    "godavari-gattu",
    "vennela-veedhi",
    "aidu-adugulu",
    "hemanter-chithi",
    "goenda-bikel",
    "nodir-opaar",
    "sarson-di-rut",
    "vichhora-chowk",
    "layl-al-madina",
    "zahrat-al-milh",
    "al-jar-al-jadid",
    "yu-hou-chun-shan",
    "di-tie-mo-ban-che",
    "les-heures-creuses",
    "la-maison-den-face",
    "the-understudys-notebook",
    "a-jury-of-clocks",
    "marmalade",
    "the-weather-in-rooms",
    "gangway",
    "khidki-khuli-rakhna",
    "teen-taal-ka-tamasha",
    "adalat-jaari-hai",
    "gachchivarchi-baag",
    "shevatchi-bell",
    "beediya-naataka",
    "hoovu-mattu-katti",
    "ekti-shohorer-smriti",
    "bhuter-adda",
    "chuan",
];

/// Uploads the poster of each show of the demo data that has none yet, and returns their number.
///
/// # Errors
///
/// The installation or its poster store is unreachable. A second run continues.
pub async fn upload(admin: &Api) -> Result<usize> {
    let without = without_poster(admin).await?;
    let shows = catalogue::shows()?.into_iter().filter_map(|show| {
        let id = without.get(&(show.title.clone(), show.language.clone()))?.clone();
        Some((id, show))
    });
    let uploads = stream::iter(shows).map(|(id, show)| async move {
        let poster = Bytes::from_static(picture(&show)?);
        let answer = admin.put(&format!("/shows/{id}/poster"), "image/jpeg", poster).await?;
        answer.done().context("uploading a poster").map(drop)
    });
    let done: Vec<()> = uploads.buffer_unordered(AT_ONCE).try_collect().await?;
    Ok(done.len())
}

/// Ids of the shows without a poster, by title and language.
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

/// The poster of a show, JPEG.
fn picture(show: &Show) -> Result<&'static [u8]> {
    let picture = PICTURES.iter().find(|(name, _)| *name == show.poster);
    picture.map(|(_, bytes)| *bytes).with_context(|| format!("no poster is called {}", show.poster))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_show_of_the_demo_data_has_a_poster_of_its_own() {
        let shows = catalogue::shows().unwrap();
        let posters: HashSet<&[u8]> = shows.iter().map(|show| picture(show).unwrap()).collect();

        assert_eq!(posters.len(), shows.len());
        assert!(posters.iter().all(|poster| poster.starts_with(&[0xFF, 0xD8, 0xFF])));
    }

    #[test]
    fn every_picture_belongs_to_a_show() {
        assert_eq!(PICTURES.len(), catalogue::shows().unwrap().len());
    }
}
