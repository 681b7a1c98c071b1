//! Codes certify their facts, and nothing else verifies as a code.

use ticketshow_domain::{BookingId, ScreeningId, SeatName};
use ticketshow_tickets::{CodeError, PublicKey, Signer, TicketFacts, Verifier};
use uuid::Uuid;

fn facts() -> TicketFacts {
    TicketFacts {
        screening: ScreeningId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001)),
        booking: BookingId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0002)),
        seat: SeatName("A-1".to_owned()),
    }
}

fn signer(seed: u8) -> Signer {
    Signer::from_secret(&[seed; 32])
}

fn code_by(signer: &Signer) -> String {
    let TicketFacts { screening, booking, seat } = facts();
    signer.sign(screening, booking, &seat)
}

fn trusting(signers: &[&Signer]) -> Verifier {
    Verifier::new(signers.iter().map(|signer| signer.public_key()))
}

#[test]
fn a_code_certifies_what_was_signed() {
    let signer = signer(7);
    assert_eq!(trusting(&[&signer]).verify(&code_by(&signer)), Ok(facts()));
}

#[test]
fn the_same_ticket_always_has_the_same_code() {
    assert_eq!(code_by(&signer(7)), code_by(&signer(7)));
}

/// Tickets like this one have been sold: this text must never change and must always verify.
#[test]
fn the_format_is_frozen() {
    let golden = include_str!("golden_code.txt").trim_end();
    assert_eq!(code_by(&signer(7)), golden);
    assert_eq!(trusting(&[&signer(7)]).verify(golden), Ok(facts()));
}

#[test]
fn a_code_fits_the_alphanumeric_mode_of_a_qr_code_and_a_url() {
    let code = code_by(&signer(7));
    assert!(code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'.'));
    assert!(code.len() < 200, "{} characters", code.len());
}

#[test]
fn every_seat_booking_and_screening_has_its_own_code() {
    let signer = signer(7);
    let TicketFacts { screening, booking, seat } = facts();
    let other = Uuid::from_u128(3);
    let codes = [
        signer.sign(screening, booking, &seat),
        signer.sign(ScreeningId(other), booking, &seat),
        signer.sign(screening, BookingId(other), &seat),
        signer.sign(screening, booking, &SeatName("A-11".to_owned())),
    ];
    let distinct: std::collections::HashSet<_> = codes.iter().collect();
    assert_eq!(distinct.len(), codes.len());
}

#[test]
fn no_character_of_a_code_can_be_changed() {
    let signer = signer(7);
    let (verifier, code) = (trusting(&[&signer]), code_by(&signer));
    for (index, original) in code.char_indices() {
        for replacement in ['A', 'B', '2', '1', '.', 'a'] {
            let mut changed = code.clone();
            changed.replace_range(index..=index, &replacement.to_string());
            if replacement.to_ascii_uppercase() != original {
                assert!(verifier.verify(&changed).is_err(), "{changed}");
            }
        }
    }
}

#[test]
fn a_code_is_accepted_as_scanners_mails_and_people_write_it() {
    let signer = signer(1);
    let code = code_by(&signer);
    let (head, tail) = code.split_at(40);
    let written = [
        code.to_lowercase(),
        format!("{head}{}", tail.to_lowercase()),
        format!("{head} {tail}"),
        format!("{head}\r\n{tail}\n"),
        format!("{head}=\r\n{tail}"),
        format!("{code}."),
        format!("\u{feff}{code}\u{200b}"),
        format!("\"{code}\""),
        format!("\u{a0}{code}\t"),
    ];
    for text in written {
        assert_eq!(trusting(&[&signer]).verify(&text), Ok(facts()), "{text:?}");
    }
}

#[test]
fn a_tampered_payload_is_refused() {
    let signer = signer(7);
    let code = code_by(&signer);
    let TicketFacts { screening, booking, .. } = facts();
    let better_seat = signer.sign(screening, booking, &SeatName("B-1".to_owned()));
    let part = |code: &str, index: usize| code.split('.').nth(index).unwrap().to_owned();
    let forged = code.replace(&part(&code, 2), &part(&better_seat, 2));
    assert_eq!(trusting(&[&signer]).verify(&forged), Err(CodeError::WrongSignature));
}

#[test]
fn a_signature_by_another_key_is_refused() {
    let (ours, theirs) = (signer(7), signer(8));
    let (code, their_code) = (code_by(&ours), code_by(&theirs));
    let (unsigned, _) = code.rsplit_once('.').unwrap();
    let (_, their_signature) = their_code.rsplit_once('.').unwrap();
    let forged = format!("{unsigned}.{their_signature}");
    assert_eq!(trusting(&[&ours, &theirs]).verify(&forged), Err(CodeError::WrongSignature));
}

#[test]
fn the_key_id_cannot_be_replaced_by_another_trusted_one() {
    let (ours, theirs) = (signer(7), signer(8));
    let forged =
        code_by(&ours).replace(&ours.public_key().id().to_string(), &theirs.public_key().id().to_string());
    assert_eq!(trusting(&[&ours, &theirs]).verify(&forged), Err(CodeError::WrongSignature));
}

#[test]
fn a_code_by_an_unknown_key_is_refused() {
    let (ours, theirs) = (signer(7), signer(8));
    let refused = CodeError::UnknownKey(theirs.public_key().id());
    assert_eq!(trusting(&[&ours]).verify(&code_by(&theirs)), Err(refused));
}

#[test]
fn codes_of_another_version_are_refused() {
    let signer = signer(7);
    let newer = code_by(&signer).replacen("TS1.", "TS2.", 1);
    assert_eq!(trusting(&[&signer]).verify(&newer), Err(CodeError::UnknownVersion));
}

#[test]
fn tickets_of_an_old_key_stay_valid_while_it_is_trusted() {
    let (old, new) = (signer(7), signer(8));
    let verifier = trusting(&[&old, &new]);
    assert_eq!(verifier.verify(&code_by(&old)), Ok(facts()));
    assert_eq!(verifier.verify(&code_by(&new)), Ok(facts()));
}

#[test]
fn any_other_text_is_malformed() {
    let verifier = trusting(&[&signer(7)]);
    let code = code_by(&signer(7));
    let cut = &code[..code.len() - 1];
    let extended = format!("{code}A");
    for text in ["", "...", "TS1", "TS1...", "TS1.A.B.C", "hello", "🎟.🎟.🎟.🎟", cut, &extended] {
        assert_eq!(verifier.verify(text), Err(CodeError::Malformed), "{text:?}");
    }
}

#[test]
fn a_public_key_is_formatted_as_it_is_parsed() {
    let key = signer(7).public_key();
    assert_eq!(key.to_string().parse::<PublicKey>(), Ok(key.clone()));
    assert_eq!(key.to_string().len(), 52);
}

#[test]
fn debug_output_hides_the_secret_of_a_signer() {
    let shown = format!("{:?}", signer(7));
    assert!(shown.starts_with("Signer { id: KeyId(") && shown.ends_with("), .. }"), "{shown}");
}
