//! Posters, from the upload to what a browser fetches, with a real object store.

#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it needs it")]

use std::{io::Cursor, time::Instant};

use image::{
    DynamicImage, GrayImage, ImageEncoder, ImageFormat, Rgb, RgbImage, codecs::jpeg::JpegEncoder,
    codecs::png::PngEncoder, codecs::webp::WebPEncoder,
};
use serde_json::json;
use ticketshow_tests::{Answer, Client, Minio, Stack, eventually};

/// A house with a store.
async fn house() -> (Stack, Minio) {
    let store = Minio::start().await;
    let stack = start_with(&store).await;
    (stack, store)
}

async fn start_with(store: &Minio) -> Stack {
    let settings = store.settings();
    let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Stack::start_with(&settings).await
}

async fn show(admin: &Client, title: &str) -> String {
    let show = json!({"title": title, "description": "", "duration_minutes": 90, "language": "English"});
    admin.post("/shows", &show).await.expect(201).str("show_id").to_owned()
}

async fn upload(admin: &Client, show: &str, kind: &str, file: Vec<u8>) -> Answer {
    let call = admin.call("PUT".parse().unwrap(), &format!("/shows/{show}/poster"));
    call.header("content-type", kind).body(file).await
}

/// Red above, blue below.
fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(
        width,
        height,
        |_, y| if y < height / 2 { Rgb([220, 20, 20]) } else { Rgb([20, 20, 220]) },
    )
}

fn jpeg(picture: &RgbImage) -> Vec<u8> {
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, 90).encode_image(picture).unwrap();
    file
}

/// As a phone that was held upright writes it: lying, with a note to turn it clockwise.
fn photograph() -> Vec<u8> {
    let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    let mut file = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut file, 90);
    encoder.set_exif_metadata(exif.to_vec()).unwrap();
    encoder.encode_image(&picture(2100, 1400)).unwrap();
    assert!(file.windows(4).any(|bytes| bytes == b"Exif"));
    file
}

fn png(picture: &DynamicImage) -> Vec<u8> {
    let mut file = Vec::new();
    picture.write_with_encoder(PngEncoder::new(&mut file)).unwrap();
    file
}

fn webp(picture: &RgbImage) -> Vec<u8> {
    let mut file = Vec::new();
    picture.write_with_encoder(WebPEncoder::new_lossless(&mut file)).unwrap();
    file
}

/// An object as a browser gets it from the store.
async fn fetched(store: &Minio, address: &str) -> Answer {
    let path = address.strip_prefix(&store.url()).expect("posters come straight from the store");
    store.client().get(path).await
}

/// Fetches a poster, and checks the properties that all posters share.
async fn poster(store: &Minio, address: &str) -> RgbImage {
    let answer = fetched(store, address).await.expect(200);
    assert_eq!(answer.header("content-type"), Some("image/jpeg"));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=31536000, immutable"));
    assert!(!answer.body.windows(4).any(|bytes| bytes == b"Exif"), "what a camera noted is gone");
    image::load(Cursor::new(&answer.body), ImageFormat::Jpeg).unwrap().into_rgb8()
}

#[tokio::test]
async fn pictures_of_every_kind_are_fetched_from_the_store_in_two_sizes() {
    let (stack, store) = house().await;
    let admin = stack.admin().await;
    let upright = picture(1400, 2100);
    let form = [
        b"--limit\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n".to_vec(),
        png(&picture(1400, 2100).into()),
        b"\r\n--limit--\r\n".to_vec(),
    ];
    for (kind, file) in [
        ("image/jpeg", photograph()),
        ("image/png", png(&upright.clone().into())),
        ("image/webp", webp(&upright)),
        ("multipart/form-data; boundary=limit", form.concat()),
    ] {
        let show = show(&admin, kind).await;
        let answer = upload(&admin, &show, kind, file).await.expect(200);
        let (card, full) = (answer.str("poster_url"), answer.str("poster_full_url"));
        let (small, large) = (poster(&store, card).await, poster(&store, full).await);
        assert_eq!((small.dimensions(), large.dimensions()), ((480, 720), (1200, 1800)), "{kind}");
        let colour = |x, y| small.get_pixel(x, y).0;
        let (above, right) = (colour(240, 10), colour(470, 360));
        // The picture was rotated: red is on the right now.
        let red = if kind == "image/jpeg" { right } else { above };
        assert!(red[0] > 180 && red[2] < 80, "{kind}: {red:?}");

        let shown =
            stack.client().get(&format!("/shows/{show}")).min_position(answer.position()).await.expect(200);
        assert_eq!((shown.str("poster_url"), shown.str("poster_full_url")), (card, full));
        let listed = stack.client().get("/shows").await.expect(200).json;
        assert!(listed["items"].as_array().unwrap().iter().any(|show| show["poster_url"] == card));
    }
    stack.verify();
}

#[tokio::test]
async fn what_is_no_poster_is_refused_and_changes_nothing() {
    let (stack, _store) = house().await;
    let admin = stack.admin().await;
    let wanted = show(&admin, "Wanted").await;
    let text = b"Once upon a time, in a file named poster.jpg".to_vec();
    upload(&admin, &wanted, "image/jpeg", text).await.expect_problem(415, "unsupported-media-type");
    let damaged = [&png(&picture(60, 90).into())[..200], &[0; 200]].concat();
    upload(&admin, &wanted, "image/png", damaged).await.expect_problem(422, "invalid");
    upload(&admin, &wanted, "image/png", Vec::new()).await.expect_problem(415, "unsupported-media-type");

    // 41 megapixels of nothing are some kilobytes.
    let bomb = png(&GrayImage::new(8_200, 5_000).into());
    assert!(bomb.len() < 1 << 20, "{} bytes", bomb.len());
    let began = Instant::now();
    upload(&admin, &wanted, "image/png", bomb).await.expect_problem(422, "invalid");
    assert!(began.elapsed().as_millis() < 1_000, "refused by its head: {:?}", began.elapsed());

    let mut large = jpeg(&picture(60, 90));
    large.resize(5 * 1024 * 1024 + 1, 0);
    upload(&admin, &wanted, "image/jpeg", large.clone()).await.expect_problem(413, "too-large");
    large.resize(20 * 1024 * 1024, 0);
    upload(&admin, &wanted, "image/jpeg", large).await.expect_problem(413, "too-large");

    let fine = jpeg(&picture(60, 90));
    let nowhere = "00000000-0000-7000-8000-000000000000";
    upload(&admin, nowhere, "image/jpeg", fine.clone()).await.expect_problem(404, "not-found");
    upload(&admin, "x", "image/jpeg", fine.clone()).await.expect(404);
    let ada = stack.customer().await;
    upload(&ada.client, &wanted, "image/jpeg", fine.clone()).await.expect_problem(403, "forbidden");
    upload(&stack.client(), &wanted, "image/jpeg", fine.clone()).await.expect_problem(401, "unauthorized");
    let cancelled = show(&admin, "Cancelled").await;
    let gone = admin.delete(&format!("/shows/{cancelled}")).await.expect(202);
    upload(&admin, &cancelled, "image/jpeg", fine).await.expect_problem(409, "show-cancelled");

    let shown =
        stack.client().get(&format!("/shows/{wanted}")).min_position(gone.position()).await.expect(200);
    assert!(shown.json["poster_url"].is_null() && shown.json["poster_full_url"].is_null(), "{}", shown.json);
}

#[tokio::test]
async fn what_is_replaced_is_removed_and_what_others_have_stays() {
    let (stack, store) = house().await;
    let admin = stack.admin().await;
    let (one, other) = (show(&admin, "One").await, show(&admin, "Other").await);
    let file = jpeg(&picture(600, 900));
    let first = upload(&admin, &one, "image/jpeg", file.clone()).await.expect(200);
    let same = upload(&admin, &other, "image/jpeg", file.clone()).await.expect(200);
    let again = upload(&admin, &one, "image/jpeg", file).await.expect(200);
    assert_eq!(
        (again.position(), &again.json),
        (first.position(), &first.json),
        "the same picture changes nothing"
    );

    let second = upload(&admin, &one, "image/jpeg", jpeg(&picture(600, 904))).await.expect(200);
    for size in ["poster_url", "poster_full_url"] {
        assert_eq!(fetched(&store, first.str(size)).await.status, 404, "nobody needs it any more");
        poster(&store, second.str(size)).await;
        poster(&store, same.str(size)).await;
    }
    stack.verify();
}

#[tokio::test]
async fn strangers_may_fetch_a_poster_and_nothing_else() {
    let (stack, store) = house().await;
    let admin = stack.admin().await;
    let show = show(&admin, "Public").await;
    let answer = upload(&admin, &show, "image/jpeg", jpeg(&picture(60, 90))).await.expect(200);
    poster(&store, answer.str("poster_url")).await;
    for path in [
        "/",
        "/posters",
        "/posters/",
        "/posters?list-type=2",
        "/posters?list-type=2&prefix=shows/",
        "/posters/other",
    ] {
        assert_eq!(store.client().get(path).await.status, 403, "{path}");
    }
    let put = store.client().call("PUT".parse().unwrap(), "/posters/shows/mine.jpg").body("mine").await;
    assert_eq!(put.status, 403);
    let path = answer.str("poster_url").strip_prefix(&store.url()).unwrap();
    assert_eq!(store.client().delete(path).await.status, 403);
}

#[tokio::test]
async fn while_the_store_is_away_everything_else_goes_on() {
    let mut store = Minio::start().await;
    store.kill();
    let stack = start_with(&store).await;
    let admin = stack.admin().await;
    let show = show(&admin, "Patience").await;
    let file = jpeg(&picture(60, 90));
    let refused = upload(&admin, &show, "image/jpeg", file.clone()).await;
    let refused = refused.expect_problem(503, "poster-store-unavailable");
    assert!(refused.header("retry-after").is_some());
    let ready = Client::new(&stack.server.url()).get("/readyz").await.expect(200);
    assert_ne!(ready.json["dependencies"]["s3"], "ok", "{}", ready.json);

    store.restart().await;
    eventually("the store to be known to be there", async || {
        let ready = Client::new(&stack.server.url()).get("/readyz").await.expect(200);
        (ready.json["dependencies"]["s3"] == "ok").then_some(())
    })
    .await;
    // It may say that it is there some moments before it takes anything.
    let answer = eventually("the store to take posters", async || {
        let answer = upload(&admin, &show, "image/jpeg", file.clone()).await;
        (answer.status == 200).then_some(answer)
    })
    .await;
    poster(&store, answer.str("poster_url")).await;

    store.kill();
    upload(&admin, &show, "image/jpeg", jpeg(&picture(90, 90)))
        .await
        .expect_problem(503, "poster-store-unavailable");
    let shown =
        stack.client().get(&format!("/shows/{show}")).min_position(answer.position()).await.expect(200);
    assert_eq!(shown.str("poster_url"), answer.str("poster_url"), "the old poster is still the poster");
    store.restart().await;
    eventually("the store to serve", async || {
        (fetched(&store, answer.str("poster_url")).await.status == 200).then_some(())
    })
    .await;
    poster(&store, answer.str("poster_url")).await;
    stack.verify();
}

#[tokio::test]
async fn a_house_without_a_store_takes_no_posters() {
    let stack = Stack::start().await;
    let admin = stack.admin().await;
    let show = show(&admin, "Plain").await;
    upload(&admin, &show, "image/jpeg", jpeg(&picture(60, 90)))
        .await
        .expect_problem(503, "poster-store-unavailable");
    let ready = Client::new(&stack.server.url()).get("/readyz").await.expect(200);
    assert!(ready.json["dependencies"].get("s3").is_none(), "{}", ready.json);
}
