//! Passes with certificates made by the command `openssl`, which also checks the signatures.

use std::{
    collections::BTreeMap,
    fs,
    io::{Cursor, Read},
    path::PathBuf,
    process::Command,
};

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha1::{Digest, Sha1};
use ticketshow_domain::{BookingId, Language, Money, ScreeningId, SeatName, pricing::TicketType};
use uuid::Uuid;
use zip::ZipArchive;

use super::{AppleCertificates, ApplePasses, GooglePasses, PassKeyError, PassTicket};
use crate::{LocalTime, PrintedTicket};

const NOW: &str = "2026-11-30T10:00:00Z";
/// As long as Google makes them.
const ACCOUNT: &str = "ticketshow-wallet@rex-cinemas-tickets-481516.iam.gserviceaccount.com";
const KEY_ID: &str = "0123456789abcdef0123456789abcdef01234567";
/// Google advises no longer links.
const LINK_MAX: usize = 1_800;

/// A folder with files made by `openssl`, removed in the end.
struct Folder(PathBuf);

impl Folder {
    /// Certificates of an authority, its intermediate and a pass type, as Apple has them.
    fn with_certificates(name: &str) -> Self {
        let folder = Self(std::env::temp_dir().join(format!("passes-{name}-{}", std::process::id())));
        fs::create_dir_all(&folder.0).unwrap();
        fs::write(folder.0.join("ca.ext"), "basicConstraints=critical,CA:TRUE\n").unwrap();
        fs::write(folder.0.join("leaf.ext"), "keyUsage=critical,digitalSignature\n").unwrap();
        folder.openssl("req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem -subj /CN=Root");
        for (name, issuer, extensions, holder) in [
            ("wwdr", "root", "ca.ext", "/O=House"),
            ("pass", "wwdr", "leaf.ext", "/UID=pass.example.tickets/OU=A1B2C3D4E5/O=House"),
        ] {
            folder.openssl(&format!(
                "req -new -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.csr -subj {holder}/CN={name}"
            ));
            folder.openssl(&format!(
                "x509 -req -in {name}.csr -CA {issuer}.pem -CAkey {issuer}.key -CAcreateserial -out {name}.pem -days 40 -extfile {extensions}"
            ));
        }
        folder
    }

    fn openssl(&self, arguments: &str) -> String {
        let arguments = arguments.split(' ');
        let ran = Command::new("openssl").args(arguments).current_dir(&self.0).output();
        let ran = ran.expect("the tests of passes need the command openssl");
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8_lossy(&ran.stdout).into_owned()
    }

    fn file(&self, name: &str) -> Vec<u8> {
        fs::read(self.0.join(name)).unwrap()
    }

    fn write(&self, name: &str, content: &[u8]) {
        fs::write(self.0.join(name), content).unwrap();
    }

    fn apple(&self, certificate: &str, key: &str, intermediate: &str) -> Result<ApplePasses, PassKeyError> {
        self.apple_of([certificate, key, intermediate], "pass.example.tickets", "A1B2C3D4E5")
    }

    fn apple_of(
        &self,
        [certificate, key, intermediate]: [&str; 3],
        pass_type_id: &str,
        team_id: &str,
    ) -> Result<ApplePasses, PassKeyError> {
        let (certificate, key) = (self.file(certificate), self.file(key));
        let intermediate = self.file(intermediate);
        let files = AppleCertificates {
            certificate: &certificate,
            key: &key,
            intermediate: &intermediate,
            pass_type_id,
            team_id,
        };
        ApplePasses::new(files, "Rex Cinemas")
    }

    fn google(&self) -> GooglePasses {
        let key = String::from_utf8(self.file("pass.key")).unwrap();
        let account = json!({
            "type": "service_account", "client_email": ACCOUNT, "private_key_id": KEY_ID, "private_key": key,
        });
        GooglePasses::new(&account.to_string(), "3388000000012345678", "Rex Cinemas").unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// The clock of `openssl`.
#[expect(clippy::disallowed_methods, reason = "openssl reads it, too")]
fn clock() -> Timestamp {
    Timestamp::now()
}

/// As long as the code of such a seat is.
fn code_of(seat: &str) -> String {
    let payload = ((32 + seat.len()) * 8).div_ceil(5);
    format!("TS1.ABCDEFGH.{}.{}", "A".repeat(payload), "B".repeat(103))
}

fn ticket() -> PassTicket {
    let starts_at: Timestamp = "2026-12-05T13:00:00Z".parse().unwrap();
    let timezone = "Asia/Kolkata".parse().unwrap();
    PassTicket {
        printed: PrintedTicket {
            show: "The Lighthouse Keeper".to_owned(),
            venue: "Rex".to_owned(),
            address: Some("12 Lake Road".to_owned()),
            city: "Mumbai".to_owned(),
            screen: "Screen 1".to_owned(),
            seat: SeatName("C-7".to_owned()),
            level: Some("Balcony".to_owned()),
            starts: LocalTime::new(starts_at, &timezone),
            price: Money { amount_minor: 25_000, currency: "INR".parse().unwrap() },
            ticket_type: TicketType("child".to_owned()),
            booking: BookingId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001)),
            code: code_of("C-7"),
            language: Language::En,
        },
        screening: ScreeningId(Uuid::from_u128(7)),
        starts_at,
        ends_at: "2026-12-05T15:30:00Z".parse().unwrap(),
        timezone,
        is_void: false,
    }
}

/// Files of a pass by name.
fn unpacked(pass: Vec<u8>) -> BTreeMap<String, Vec<u8>> {
    let mut zip = ZipArchive::new(Cursor::new(pass)).unwrap();
    let names: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    let mut read = |name: &str| {
        let mut content = Vec::new();
        zip.by_name(name).unwrap().read_to_end(&mut content).unwrap();
        content
    };
    names.iter().map(|name| (name.clone(), read(name))).collect()
}

/// Contents of `pass.json`.
fn described(passes: &ApplePasses, ticket: &PassTicket) -> Value {
    serde_json::from_slice(&unpacked(passes.pass(ticket, now()).unwrap())["pass.json"]).unwrap()
}

#[test]
fn openssl_verifies_the_signature_of_a_pass_and_no_other_manifest() {
    let folder = Folder::with_certificates("apple");
    let passes = folder.apple("pass.pem", "pass.key", "wwdr.pem").unwrap();
    let files = unpacked(passes.pass(&ticket(), now()).unwrap());
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(names, ["icon.png", "icon@2x.png", "icon@3x.png", "manifest.json", "pass.json", "signature"]);

    let manifest: BTreeMap<String, String> = serde_json::from_slice(&files["manifest.json"]).unwrap();
    assert_eq!(manifest.len(), 4, "{manifest:?}");
    for (name, hash) in &manifest {
        assert_eq!(*hash, HEXLOWER.encode(&Sha1::digest(&files[name])), "{name}");
    }
    folder.write("signature", &files["signature"]);
    folder.write("manifest.json", &files["manifest.json"]);
    let verify =
        "cms -verify -inform DER -in signature -content manifest.json -binary -CAfile root.pem -purpose any";
    assert_eq!(folder.openssl(verify).into_bytes(), files["manifest.json"]);
    let shown = folder.openssl("cms -cmsout -print -inform DER -in signature");
    for part in ["Nov 30 10:00:00 2026 GMT", "messageDigest", "sha256", "rsaEncryption", "CN=wwdr", "CN=pass"]
    {
        assert!(shown.replace("CN = ", "CN=").contains(part), "{part}: {shown}");
    }

    folder.write("manifest.json", b"{}");
    let forged = Command::new("openssl").args(verify.split(' ')).current_dir(&folder.0).output().unwrap();
    assert!(!forged.status.success(), "another manifest has the same signature");
}

#[test]
fn a_pass_says_what_the_ticket_says() {
    let folder = Folder::with_certificates("contents");
    let passes = folder.apple("pass.pem", "pass.key", "wwdr.pem").unwrap();
    let pass = described(&passes, &ticket());
    assert_eq!(pass["passTypeIdentifier"], json!("pass.example.tickets"));
    assert_eq!((&pass["teamIdentifier"], &pass["formatVersion"]), (&json!("A1B2C3D4E5"), &json!(1)));
    assert_eq!(pass["organizationName"], json!("Rex Cinemas"));
    assert_eq!(pass["barcodes"][0]["message"], json!(ticket().printed.code));
    assert_eq!(pass["barcodes"][0]["format"], json!("PKBarcodeFormatQR"));
    assert_eq!(pass["relevantDate"], json!("2026-12-05T18:30:00+05:30"));
    assert_eq!(pass["expirationDate"], json!("2026-12-05T21:00:00+05:30"));
    assert_eq!(pass["voided"], json!(false));
    let fields = &pass["eventTicket"];
    assert_eq!(fields["primaryFields"][0]["value"], json!("The Lighthouse Keeper"));
    assert_eq!(fields["secondaryFields"][0]["value"], json!("2026-12-05T18:30:00+05:30"));
    assert_eq!(fields["secondaryFields"][0]["ignoresTimeZone"], json!(true));
    assert_eq!(fields["secondaryFields"][1]["value"], json!("Rex"));
    let seats: Vec<_> =
        fields["auxiliaryFields"].as_array().unwrap().iter().map(|one| &one["value"]).collect();
    assert_eq!(seats, [&json!("Screen 1"), &json!("Balcony"), &json!("C-7"), &json!("Child")]);
    let full = &fields["backFields"][0]["value"];
    assert_eq!(*full, json!("Saturday, 5 December 2026, 18:30 (IST, Asia/Kolkata)"));
    assert_eq!(fields["backFields"][1]["value"], json!("12 Lake Road, Mumbai"));

    let serial = pass["serialNumber"].clone();
    let mut void = PassTicket { is_void: true, ..ticket() };
    void.printed.language = Language::Hi;
    let void = described(&passes, &void);
    assert_eq!((&void["voided"], &void["serialNumber"]), (&json!(true), &serial));
    assert_eq!(void["eventTicket"]["primaryFields"][0]["label"], json!("शो"));
}

#[test]
fn files_that_do_not_fit_are_refused_and_the_certificate_says_when_it_ends() {
    let folder = Folder::with_certificates("files");
    let passes = folder.apple("pass.pem", "pass.key", "wwdr.pem").unwrap();
    let days = passes.expires_at().duration_since(clock()).as_hours() / 24;
    assert!((39..=40).contains(&days), "{days}");
    folder.openssl("x509 -in wwdr.pem -outform DER -out wwdr.cer");
    folder.apple("pass.pem", "pass.key", "wwdr.cer").unwrap();
    folder.openssl("rsa -in pass.key -traditional -out pkcs1.key");
    folder.apple("pass.pem", "pkcs1.key", "wwdr.pem").unwrap();

    let refused = |certificate, key, issuer| folder.apple(certificate, key, issuer).unwrap_err();
    assert!(matches!(refused("pass.pem", "wwdr.key", "wwdr.pem"), PassKeyError::OtherKey));
    assert!(matches!(refused("pass.key", "pass.key", "wwdr.pem"), PassKeyError::NoCertificate(_)));
    assert!(matches!(refused("pass.pem", "pass.pem", "wwdr.pem"), PassKeyError::NoKey));
    assert!(matches!(refused("pass.pem", "pass.key", "leaf.ext"), PassKeyError::NoCertificate(_)));
    folder.openssl("ecparam -name prime256v1 -genkey -noout -out ec.key");
    assert!(matches!(refused("pass.pem", "ec.key", "wwdr.pem"), PassKeyError::NotRsa(_)));
    assert!(matches!(refused("pass.pem", "pass.key", "root.pem"), PassKeyError::OtherIssuer));
    let files = ["pass.pem", "pass.key", "wwdr.pem"];
    for (pass_type_id, team_id, wrong) in [
        (
            "pass.example.other",
            "A1B2C3D4E5",
            "the certificate does not name the pass type pass.example.other",
        ),
        ("pass.example", "A1B2C3D4E5", "the certificate does not name the pass type pass.example"),
        ("pass.example.tickets", "E5D4C3B2A1", "the certificate does not name the team E5D4C3B2A1"),
    ] {
        assert_eq!(folder.apple_of(files, pass_type_id, team_id).unwrap_err().to_string(), wrong);
    }
    for wrong in ["", "{}", "{\"client_email\": 7}"] {
        assert!(matches!(GooglePasses::new(wrong, "1", "Rex"), Err(PassKeyError::NoAccount(_))), "{wrong}");
    }
}

#[test]
fn openssl_verifies_a_link_to_google_wallet_which_has_the_screening_and_the_ticket() {
    let folder = Folder::with_certificates("google");
    let link = folder.google().link(&ticket(), now()).unwrap();
    let token = link.strip_prefix("https://pay.google.com/gp/v/save/").expect(&link);
    assert!(link.len() <= LINK_MAX, "{}", link.len());
    let parts: Vec<&str> = token.split('.').collect();
    let decoded = |part: &str| BASE64URL_NOPAD.decode(part.as_bytes()).unwrap();
    let [header, claims, signature] = parts[..] else { panic!("{token}") };
    folder.write("signed", format!("{header}.{claims}").as_bytes());
    folder.write("signature", &decoded(signature));
    folder.openssl("rsa -in pass.key -pubout -out pass.pub");
    let verified = folder.openssl("dgst -sha256 -verify pass.pub -signature signature signed");
    assert_eq!(verified.trim(), "Verified OK");

    let header: Value = serde_json::from_slice(&decoded(header)).unwrap();
    assert_eq!(header, json!({ "alg": "RS256", "typ": "JWT" }));
    let claims: Value = serde_json::from_slice(&decoded(claims)).unwrap();
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(ACCOUNT), &json!("google")));
    assert_eq!((&claims["typ"], &claims["iat"]), (&json!("savetowallet"), &json!(now().as_second())));
    assert_eq!(claims["origins"], json!([]));
    let (class, object) =
        (&claims["payload"]["eventTicketClasses"][0], &claims["payload"]["eventTicketObjects"][0]);
    assert_eq!(class["id"], object["classId"]);
    assert!(class["id"].as_str().unwrap().starts_with("3388000000012345678."), "{class}");
    assert_eq!(class["eventName"]["defaultValue"]["value"], json!("The Lighthouse Keeper"));
    assert_eq!(class["venue"]["address"]["defaultValue"]["value"], json!("12 Lake Road, Mumbai"));
    assert_eq!(class["dateTime"]["start"], json!("2026-12-05T18:30:00+05:30"));
    assert_eq!(object["barcode"]["value"], json!(ticket().printed.code));
    assert!(object["barcode"]["alternateText"].is_string(), "{object}");
    let seat = json!("C-7, Screen 1, Balcony, Child");
    assert_eq!(object["seatInfo"]["seat"]["defaultValue"]["value"], seat);
    assert_eq!(object["state"], json!("ACTIVE"));
    for id in [&class["id"], &object["id"]] {
        assert_eq!(id.as_str().unwrap().len(), "3388000000012345678.".len() + 12, "{id}");
    }
}

fn claims_of(link: &str) -> Value {
    let claims = BASE64URL_NOPAD.decode(link.split('.').nth(3).unwrap().as_bytes()).unwrap();
    serde_json::from_slice(&claims).unwrap()
}

/// A ticket with these texts: language, show, venue, street, city, screen, level, seat.
fn ticket_with(language: Language, texts: [&str; 7]) -> PassTicket {
    let [show, venue, street, city, screen, level, seat] = texts.map(str::to_owned);
    let code = code_of(&seat);
    let printed = PrintedTicket {
        language,
        show,
        venue,
        address: Some(street),
        city,
        screen,
        level: Some(level),
        seat: SeatName(seat),
        code,
        ..ticket().printed
    };
    PassTicket { printed, ..ticket() }
}

#[test]
fn the_longest_ticket_makes_a_short_link_with_its_show_and_seat_and_its_whole_code() {
    let folder = Folder::with_certificates("longest");
    let google = folder.google();
    let english = [
        "Mission: Impossible – Dead Reckoning Part One (IMAX 3D)",
        "Regal Cinemas Phoenix Marketcity",
        "Lal Bahadur Shastri Marg, Kurla West",
        "Mumbai",
        "Audi 12 (Dolby Atmos)",
        "Upper balcony",
        "AA-102",
    ];
    let hindi = [
        "मिशन: इम्पॉसिबल – डेड रेकनिंग भाग एक",
        "रीगल सिनेमाज़ फ़ीनिक्स मार्केटसिटी",
        "लाल बहादुर शास्त्री मार्ग, कुर्ला पश्चिम",
        "मुंबई",
        "ऑडी 12",
        "ऊपरी बालकनी",
        "AA-102",
    ];
    // As long as the API takes them.
    let (title, name) = ("क".repeat(200), "क".repeat(100));
    let largest = [&*title, &*name, &*title, &*name, &*name, &*name, "AA-102"];
    for (language, texts) in [(Language::En, english), (Language::Hi, hindi), (Language::Hi, largest)] {
        let link = google.link(&ticket_with(language, texts), now()).unwrap();
        assert!(link.len() <= LINK_MAX, "{}: {}", texts[0], link.len());
        let payload = claims_of(&link)["payload"].clone();
        let (class, object) = (&payload["eventTicketClasses"][0], &payload["eventTicketObjects"][0]);
        let show = class["eventName"]["defaultValue"]["value"].as_str().unwrap();
        assert!(texts[0].starts_with(show.trim_end_matches('…')) && show.chars().count() >= 20, "{show}");
        assert_eq!(object["barcode"]["value"], json!(code_of("AA-102")));
        let seat = object["seatInfo"]["seat"]["defaultValue"]["value"].as_str().unwrap();
        assert!(seat.starts_with("AA-102, "), "{seat}");
    }
}

#[test]
fn google_keeps_no_old_time_because_another_time_is_another_class() {
    let folder = Folder::with_certificates("times");
    let google = folder.google();
    let ids = |ticket: &PassTicket| {
        let payload = claims_of(&google.link(ticket, now()).unwrap())["payload"].clone();
        (payload["eventTicketClasses"][0]["id"].clone(), payload["eventTicketObjects"][0]["id"].clone())
    };
    let later = PassTicket { starts_at: "2026-12-05T14:00:00Z".parse().unwrap(), ..ticket() };
    let mut other_seat = ticket();
    other_seat.printed.code.push('X');
    let (class, object) = ids(&ticket());
    assert_eq!(ids(&ticket()), (class.clone(), object.clone()));
    assert!(ids(&later).0 != class && ids(&later).1 != object);
    assert!(ids(&other_seat).0 == class && ids(&other_seat).1 != object);
}
