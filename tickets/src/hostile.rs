//! Made-up ticket codes.

use proptest::{prelude::*, sample::Index, test_runner::TestRunner};
use ticketshow_domain::{BookingId, ScreeningId, SeatName};
use uuid::Uuid;

use crate::{Signer, Verifier};

#[test]
fn no_text_but_a_code_of_ours_admits() {
    let signer = Signer::from_secret(&[7; 32]);
    let verifier = Verifier::new([signer.public_key()]);
    let (screening, booking) = (ScreeningId(Uuid::from_u128(1)), BookingId(Uuid::from_u128(2)));
    let code = signer.sign(screening, booking, &SeatName("A-1".to_owned()));
    let facts = verifier.verify(&code).unwrap();
    let edits = proptest::collection::vec((any::<Index>(), any::<char>()), 1..4);
    let changed = edits.prop_map(move |edits| {
        let mut text: Vec<char> = code.chars().collect();
        for (place, character) in edits {
            let place = place.index(text.len());
            text[place] = character;
        }
        text.into_iter().collect()
    });
    let texts = prop_oneof![any::<String>(), "[A-Z0-9.]{0,250}", changed];
    let run = TestRunner::deterministic().run(&texts, |text| {
        // Blanks and marks around a code are left out, so a changed one may be the same.
        prop_assert!(verifier.verify(&text).map_or(true, |found| found == facts), "{text:?}");
        Ok(())
    });
    run.unwrap();
}
