//! Tickets as passes of wallet apps, in a house that has the certificates. `openssl` makes them and checks the signature.

#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it needs it")]

use std::{
    fs,
    io::{Cursor, Read},
    path::PathBuf,
    process::Command,
};

use serde_json::{Value, json};
use ticketshow_tests::{Stack, eventually, plain_rows};
use zip::ZipArchive;

/// A folder for the files of a house, removed in the end.
struct House(PathBuf);

impl House {
    fn with_certificates() -> Self {
        let house = Self(std::env::temp_dir().join(format!("house-{}", std::process::id())));
        fs::create_dir_all(&house.0).unwrap();
        let made = "req -x509 -newkey rsa:2048 -nodes -days 40 -subj";
        house.openssl(&format!("{made} /CN=Root -keyout root.key -out root.pem"));
        house.openssl(
            "req -new -newkey rsa:2048 -nodes -subj /UID=pass.example.tickets/OU=A1B2C3D4E5/CN=Pass -keyout pass.key -out pass.csr",
        );
        house.openssl(
            "x509 -req -in pass.csr -CA root.pem -CAkey root.key -CAcreateserial -days 40 -out pass.pem",
        );
        let key = fs::read_to_string(house.0.join("pass.key")).unwrap();
        let account = json!({"client_email": "wallet@house.example", "private_key": key}).to_string();
        fs::write(house.0.join("account.json"), account).unwrap();
        house
    }

    fn openssl(&self, arguments: &str) -> Vec<u8> {
        let ran = Command::new("openssl").args(arguments.split(' ')).current_dir(&self.0).output();
        let ran = ran.expect("this test needs the command openssl");
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        ran.stdout
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// One file of a pass.
fn unpacked(pass: &[u8], name: &str) -> Vec<u8> {
    let mut content = Vec::new();
    ZipArchive::new(Cursor::new(pass)).unwrap().by_name(name).unwrap().read_to_end(&mut content).unwrap();
    content
}

#[tokio::test]
async fn a_ticket_is_added_to_both_wallets_and_is_void_once_it_is_cancelled() {
    let house = House::with_certificates();
    let (certificate, key) = (house.path("pass.pem"), house.path("pass.key"));
    let (root, account) = (house.path("root.pem"), house.path("account.json"));
    let settings = [
        ("TICKETSHOW_APPLE_PASS_CERTIFICATE", certificate.as_str()),
        ("TICKETSHOW_APPLE_PASS_KEY", &key),
        ("TICKETSHOW_APPLE_PASS_INTERMEDIATE", &root),
        ("TICKETSHOW_APPLE_PASS_TYPE_ID", "pass.example.tickets"),
        ("TICKETSHOW_APPLE_TEAM_ID", "A1B2C3D4E5"),
        ("TICKETSHOW_GOOGLE_WALLET_ISSUER_ID", "3388000000012345678"),
        ("TICKETSHOW_GOOGLE_WALLET_ACCOUNT", &account),
    ];
    let stack = Stack::start_with(&settings).await;
    let admin = stack.admin().await;
    let screening = stack.screening(&admin, &plain_rows(1, 5)).await;
    let policy = stack.client().get("/policy").await.expect(200).json;
    assert_eq!((&policy["passes"], &policy["pass_kinds"]), (&json!(true), &json!(["apple", "google"])));

    let (ada, bob) = (stack.customer_with(&admin, 100_000).await, stack.customer().await);
    let booking = ada.reserve(&screening, &["A-1", "A-2"]).await.expect(201).str("booking_id").to_owned();
    let of = |seat: &str, kind: &str| format!("/bookings/{booking}/tickets/{seat}/{kind}");
    eventually("a booking without tickets", async || {
        let early = ada.client.get(&of("A-2", "pass.pkpass")).await;
        (early.status == 409).then_some(())
    })
    .await;
    let paid = ada.pay(&booking).await.expect(200);
    let code = paid.json["tickets"][1]["code"].as_str().unwrap().to_owned();
    let pass = async || {
        let pass = ada.client.get(&of("A-2", "pass.pkpass")).await;
        assert!(pass.status != 200 || pass.headers["content-type"] == "application/vnd.apple.pkpass");
        pass
    };
    let first = eventually("the pass", async || Some(pass().await).filter(|pass| pass.status == 200)).await;
    for (name, content) in [("signature", "signature"), ("manifest.json", "manifest.json")] {
        fs::write(house.0.join(name), unpacked(&first.body, content)).unwrap();
    }
    house.openssl(
        "cms -verify -inform DER -in signature -content manifest.json -binary -CAfile root.pem -purpose any",
    );
    let described: Value = serde_json::from_slice(&unpacked(&first.body, "pass.json")).unwrap();
    assert_eq!(described["barcodes"][0]["message"], json!(code));
    assert_eq!(described["voided"], json!(false));

    let link = ada.client.get(&of("A-2", "google-wallet")).await.expect(200);
    assert!(link.str("url").starts_with("https://pay.google.com/gp/v/save/ey"), "{}", link.text());
    for kind in ["pass.pkpass", "google-wallet"] {
        bob.client.get(&of("A-2", kind)).await.expect(404);
        ada.client.get(&of("A-3", kind)).await.expect(404);
    }

    ada.client.delete(&format!("/bookings/{booking}")).await.expect(202);
    let void = eventually("the pass to be void", async || {
        let pass = pass().await;
        let described: Value = serde_json::from_slice(&unpacked(&pass.body, "pass.json")).ok()?;
        (described["voided"] == json!(true)).then_some(described)
    })
    .await;
    assert_eq!(void["serialNumber"], described["serialNumber"], "it replaces the first");
    ada.client.get(&of("A-2", "google-wallet")).await.expect_problem(409, "booking-cancelled");
}
