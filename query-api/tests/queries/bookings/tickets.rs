//! Tickets as PDF and as QR codes.

use crate::fixture::{ADA, BOB, TestApi};

const HELD: &str = "/bookings/b0000000-0000-0000-0000-000000000001";
const CONFIRMED: &str = "/bookings/b0000000-0000-0000-0000-000000000002";
const REFUNDED: &str = "/bookings/b0000000-0000-0000-0000-000000000004";

#[tokio::test]
async fn a_confirmed_booking_has_a_pdf_and_one_qr_code_per_seat() {
    let api = TestApi::open().await;
    let printed = api.get_as(ADA, &format!("{CONFIRMED}/tickets.pdf")).await.expect(200);
    assert_eq!(printed.header("content-type"), "application/pdf");
    assert_eq!(printed.header("cache-control"), "private, no-store");
    assert!(printed.header("content-disposition").ends_with("tickets-Q222-2222.pdf\""));
    assert!(printed.body.starts_with(b"%PDF-"));

    let on = async |paper: &str| {
        api.get_as(ADA, &format!("{CONFIRMED}/tickets.pdf?paper={paper}")).await.expect(200).body.to_vec()
    };
    let (sheet, receipt) = (on("a4").await, on("receipt").await);
    assert_eq!(on("a5").await, printed.body.to_vec());
    assert!(sheet.starts_with(b"%PDF-") && receipt.starts_with(b"%PDF-") && sheet != receipt);
    assert!(sheet != printed.body.to_vec() && receipt != printed.body.to_vec());
    let other = api.get_as(ADA, &format!("{CONFIRMED}/tickets.pdf?paper=a3")).await.expect(422);
    assert_eq!(other.slug(), "invalid");

    let qr = api.get_as(ADA, &format!("{CONFIRMED}/tickets/A-2/qr.svg")).await.expect(200);
    assert_eq!(qr.header("content-type"), "image/svg+xml");
    let svg = String::from_utf8(qr.body.to_vec()).unwrap();
    assert_eq!(svg, ticketshow_tickets::Qr::new("code-of-a-2").unwrap().svg());
}

#[tokio::test]
async fn a_house_without_certificates_has_no_passes() {
    let api = TestApi::open().await;
    let policy = api.get("/policy").await.expect(200).json();
    assert_eq!((&policy["passes"], &policy["pass_kinds"]), (&false.into(), &serde_json::json!([])));
    for path in ["tickets/A-2/pass.pkpass", "tickets/A-2/google-wallet"] {
        let path = format!("{CONFIRMED}/{path}");
        assert_eq!(api.get_as(ADA, &path).await.expect(404).slug(), "not-found");
        assert_eq!(api.get(&path).await.expect(401).slug(), "unauthorized");
    }
}

#[tokio::test]
async fn tickets_are_visible_to_their_owner_only() {
    let api = TestApi::open().await;
    for path in ["tickets.pdf", "tickets/A-2/qr.svg"] {
        let path = format!("{CONFIRMED}/{path}");
        assert_eq!(api.get_as(BOB, &path).await.expect(404).slug(), "not-found");
        assert_eq!(api.get(&path).await.expect(401).slug(), "unauthorized");
    }
    api.get_as(ADA, &format!("{CONFIRMED}/tickets/B-1/qr.svg")).await.expect(404);
    api.get_as(ADA, "/bookings/x/tickets.pdf").await.expect(404);
}

#[tokio::test]
async fn there_are_no_tickets_before_payment_or_after_a_cancellation() {
    let api = TestApi::open().await;
    for path in ["tickets.pdf", "tickets/A-1/qr.svg"] {
        let (held, refunded) = (format!("{HELD}/{path}"), format!("{REFUNDED}/{path}"));
        assert_eq!(api.get_as(ADA, &held).await.expect(409).slug(), "not-confirmed");
        assert_eq!(api.get_as(ADA, &refunded).await.expect(409).slug(), "booking-cancelled");
    }
}
