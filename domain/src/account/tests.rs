//! Rules of an account, as given, when, then.

use std::collections::BTreeSet;

use cqrs_es::test::TestFramework;

use super::{Account, Command, Event, Refusal, Role};
use crate::{
    Decider, Language, Permission, Personal, VenueId,
    examples::{Given, at, context, execute, fingerprint, pointers, user, uuid},
};

fn given(history: &[Event]) -> Given<Account> {
    Given::new(history)
}

fn register(n: u8, body: &str) -> Command {
    Command::RegisterAccount {
        user: user(n),
        email: "ada@example.org".into(),
        name: " Ada ".into(),
        city: Some(" ".into()),
        password_hash: "$argon2id$1".into(),
        role: Role::Customer,
        fingerprint: Some(fingerprint(body)),
    }
}

fn registered() -> Event {
    Event::AccountRegistered {
        user: user(1),
        email: "ada@example.org".into(),
        name: "Ada".into(),
        city: None,
        password_hash: "$argon2id$1".into(),
        role: Role::Customer,
        fingerprint: Some(fingerprint("body")),
    }
}

fn update(name: Option<&str>, city: Option<&str>) -> Command {
    Command::UpdateProfile { name: name.map(Into::into), city: city.map(Into::into) }
}

fn change(replaces: &str, new: &str) -> Command {
    Command::ChangePassword { replaces: replaces.into(), password_hash: new.into() }
}

fn disable(reason: &str, by: u8) -> Command {
    Command::DisableAccount { reason: reason.into(), by: user(by) }
}

fn updated(name: &str, city: Option<&str>) -> Event {
    Event::ProfileUpdated { name: name.into(), city: city.map(Into::into) }
}

#[test]
fn the_cqrs_es_adapter_decides_the_same() {
    TestFramework::<Account>::with(context(at(0)))
        .given_no_previous_events()
        .when(register(1, "body"))
        .then_expect_events(vec![registered()]);
}

#[test]
fn an_account_is_registered_once() {
    let registered = given(&[registered()]);
    assert_eq!(registered.decide(register(1, "body"), at(0)), Ok(vec![]));
    assert_eq!(registered.decide(register(1, "other"), at(0)), Err(Refusal::KeyReused));
}

#[test]
fn an_address_has_one_account_even_if_somebody_asks_for_the_very_same() {
    let then = given(&[registered()]).decide(register(2, "body"), at(0));
    assert_eq!(then, Err(Refusal::EmailTaken));
}

#[test]
fn all_flaws_of_a_registration_are_told_at_once() {
    let command = Command::RegisterAccount {
        user: user(1),
        email: "ada".into(),
        name: " ".into(),
        city: Some("x".repeat(101).into()),
        password_hash: "".into(),
        role: Role::Customer,
        fingerprint: None,
    };
    let Err(Refusal::Invalid(flaws)) = given(&[]).decide(command, at(0)) else { panic!("refused") };
    assert_eq!(pointers(&flaws), ["/email", "/name", "/city"]);
}

#[test]
fn an_address_has_a_name_and_a_host() {
    for good in ["a@b", "a.b+c@d-e.example", "o'neill_{x}@example.org", "a@xn--nda.example"] {
        assert!(super::is_address(good), "{good:?}");
    }
    let local = |length| format!("{}@example.org", "a".repeat(length));
    assert!(super::is_address(&local(64)));
    let host = |length: usize| {
        format!("a@{}.{}.{}.{}", "b".repeat(63), "b".repeat(63), "b".repeat(63), "b".repeat(length - 194))
    };
    assert!(super::is_address(&host(254)));
    for bad in [
        "",
        "a",
        "@b",
        "a@",
        "a@b@c",
        "a b@c",
        "a@b..c",
        "a@b.",
        "a@.b",
        "a@b\u{0}",
        "a\n@b",
        "a@t.example%0a",
        "<a@t.example>",
        "a..b@t.example",
        ".a@t.example",
        "a.@t.example",
        "a@[127.0.0.1]",
        "a@-t.example",
        "a@t-.example",
        "a(b)@t.example",
        "\"a\"@t.example",
        "ä@t.example",
        // The HTTP edge converts host names to ASCII; a name without an ASCII form is invalid.
        "a@ö.example",
        "a@t_u.example",
    ] {
        assert!(!super::is_address(bad), "{bad:?}");
    }
    assert!(!super::is_address(&local(65)));
    assert!(!super::is_address(&host(255)));
    assert!(!super::is_address(&format!("a@{}.example", "b".repeat(64))));
}

#[test]
fn who_has_no_account_changes_nothing() {
    for command in [
        change("$argon2id$1", "$argon2id$2"),
        update(Some("Ada"), None),
        Command::GrantRole { role: Role::Admin, venues: None, by: user(9) },
        Command::AppointAdministrator,
        disable("Stolen", 9),
        Command::EnableAccount { by: user(9) },
        Command::SetSecondFactor { nonce: uuid(7), step: 1 },
        Command::UseOtp { step: 1 },
        Command::UseRecoveryCode { number: 1 },
        Command::RemoveSecondFactor,
        Command::ErasePersonalData { user: user(1) },
    ] {
        assert_eq!(given(&[]).decide(command, at(0)), Err(Refusal::NotRegistered));
    }
}

#[test]
fn a_password_is_changed_once() {
    let change = || change("$argon2id$1", "$argon2id$2");
    let changed = Event::PasswordChanged { password_hash: "$argon2id$2".into() };
    assert_eq!(given(&[registered()]).decide(change(), at(0)), Ok(vec![changed.clone()]));
    assert_eq!(given(&[registered(), changed]).decide(change(), at(0)), Ok(vec![]));
}

#[test]
fn of_two_changes_of_one_password_the_first_wins() {
    let history = [registered(), Event::PasswordChanged { password_hash: "$argon2id$2".into() }];
    let then = given(&history).decide(change("$argon2id$1", "$argon2id$3"), at(0));
    assert_eq!(then, Err(Refusal::PasswordReplaced));
}

#[test]
fn a_profile_keeps_what_is_not_given() {
    let history = [registered(), updated("Ada", Some("Pune"))];
    let then = given(&history).decide(update(Some("Ada L."), None), at(0));
    assert_eq!(then, Ok(vec![updated("Ada L.", Some("Pune"))]));
    let then = given(&history).decide(update(None, Some("")), at(0));
    assert_eq!(then, Ok(vec![updated("Ada", None)]));
}

#[test]
fn a_profile_that_stays_the_same_is_no_news() {
    let history = [registered(), updated("Ada", Some("Pune"))];
    for command in [update(None, None), update(Some(" Ada"), Some("Pune "))] {
        assert_eq!(given(&history).decide(command, at(0)), Ok(vec![]));
    }
}

#[test]
fn a_name_has_1_to_100_characters() {
    let name = |length| given(&[registered()]).decide(update(Some(&"ß".repeat(length)), None), at(0));
    assert!(name(1).is_ok());
    assert!(name(100).is_ok());
    for length in [0, 101] {
        let Err(Refusal::Invalid(flaws)) = name(length) else { panic!("refused") };
        assert_eq!(pointers(&flaws), ["/name"]);
    }
}

#[test]
fn a_role_is_granted_once() {
    let grant = || Command::GrantRole { role: Role::Admin, venues: None, by: user(9) };
    let granted = Event::RoleGranted { role: Role::Admin, venues: None, by: user(9) };
    assert_eq!(given(&[registered()]).decide(grant(), at(0)), Ok(vec![granted.clone()]));
    assert_eq!(given(&[registered(), granted]).decide(grant(), at(0)), Ok(vec![]));
}

#[test]
fn nobody_changes_their_own_role_or_closes_their_own_account() {
    let own = [
        Command::GrantRole { role: Role::Admin, venues: None, by: user(1) },
        disable("Holidays", 1),
        Command::EnableAccount { by: user(1) },
    ];
    for command in own {
        assert_eq!(given(&[registered()]).decide(command, at(0)), Err(Refusal::OwnAccount));
    }
}

#[test]
fn an_operator_appoints_an_administrator_once() {
    let appointed = Event::RoleGranted { role: Role::Admin, venues: None, by: user(1) };
    let appoint = || Command::AppointAdministrator;
    assert_eq!(given(&[registered()]).decide(appoint(), at(0)), Ok(vec![appointed.clone()]));
    assert_eq!(given(&[registered(), appointed]).decide(appoint(), at(0)), Ok(vec![]));
}

#[test]
fn an_account_is_disabled_once_and_enabled_once() {
    let disabled = Event::AccountDisabled { reason: "Stolen".into(), by: user(9) };
    let enabled = Event::AccountEnabled { by: user(9) };
    let enable = || Command::EnableAccount { by: user(9) };

    let open = given(&[registered()]);
    assert_eq!(open.decide(disable(" Stolen ", 9), at(0)), Ok(vec![disabled.clone()]));
    assert_eq!(open.decide(enable(), at(0)), Ok(vec![]));
    let closed = given(&[registered(), disabled.clone()]);
    assert_eq!(closed.decide(disable("Again", 9), at(0)), Ok(vec![]));
    assert_eq!(closed.decide(enable(), at(0)), Ok(vec![enabled.clone()]));
    let opened = given(&[registered(), disabled, enabled]);
    assert_eq!(opened.decide(enable(), at(0)), Ok(vec![]));
}

#[test]
fn a_disabled_account_acts_in_no_role() {
    let may_act = |history: &[Event]| {
        let Given(account) = given(history);
        account.profile.unwrap().disabled.is_none()
    };
    let disabled = Event::AccountDisabled { reason: "Stolen".into(), by: user(9) };
    assert!(may_act(&[registered()]));
    assert!(!may_act(&[registered(), disabled.clone()]));
    assert!(may_act(&[registered(), disabled, Event::AccountEnabled { by: user(9) }]));
}

#[test]
fn the_reason_to_disable_an_account_has_1_to_500_characters() {
    let with = |reason: &str| given(&[registered()]).decide(disable(reason, 9), at(0));
    assert!(with("x").is_ok() && with(&"x".repeat(500)).is_ok());
    for wrong in [" ", &"x".repeat(501)] {
        let Err(Refusal::Invalid(flaws)) = with(wrong) else { panic!("refused") };
        assert_eq!(pointers(&flaws), ["/reason"]);
    }
}

fn second_factor() -> Event {
    Event::SecondFactorSet { nonce: uuid(7), step: 100 }
}

#[test]
fn a_second_factor_is_set_and_removed_once() {
    let set = || Command::SetSecondFactor { nonce: uuid(7), step: 100 };
    assert_eq!(given(&[registered()]).decide(set(), at(0)), Ok(vec![second_factor()]));
    let with = given(&[registered(), second_factor()]);
    assert_eq!(with.decide(set(), at(0)), Ok(vec![]));
    let removed = vec![Event::SecondFactorRemoved {}];
    assert_eq!(with.decide(Command::RemoveSecondFactor, at(0)), Ok(removed));
    let without = given(&[registered(), second_factor(), Event::SecondFactorRemoved {}]);
    assert_eq!(without.decide(Command::RemoveSecondFactor, at(0)), Ok(vec![]));
    assert_eq!(without.decide(Command::UseOtp { step: 101 }, at(0)), Err(Refusal::CodeUsed));
}

#[test]
fn a_language_is_chosen_once_and_kept_by_later_changes() {
    let choose = |language| Command::ChooseLanguage { language };
    let chosen = |language| Event::LanguageChosen { language };
    assert_eq!(given(&[]).decide(choose(Language::Hi), at(0)), Err(Refusal::NotRegistered));
    // Without a choice the language is English, which can still be chosen.
    assert_eq!(given(&[registered()]).decide(choose(Language::En), at(0)), Ok(vec![chosen(Language::En)]));
    let hindi = given(&[registered(), chosen(Language::Hi), second_factor()]);
    assert_eq!(hindi.decide(choose(Language::Hi), at(0)), Ok(vec![]));
    assert_eq!(hindi.decide(choose(Language::En), at(0)), Ok(vec![chosen(Language::En)]));
}

#[test]
fn sales_are_mailed_to_those_who_want_them_and_may_read_them() {
    let choose = |wanted| Command::ChooseSalesMail { wanted };
    let chosen = |wanted| Event::SalesMailChosen { wanted };
    let granted = |role| Event::RoleGranted { role, by: user(9), venues: None };
    assert_eq!(given(&[registered()]).decide(choose(true), at(0)), Err(Refusal::NoSales));
    let door = given(&[registered(), granted(Role::Door)]);
    assert_eq!(door.decide(choose(true), at(0)), Err(Refusal::NoSales));

    let mut history = vec![registered(), granted(Role::Accountant)];
    assert_eq!(given(&history).decide(choose(true), at(0)), Ok(vec![chosen(true)]));
    assert_eq!(given(&history).decide(choose(false), at(0)), Ok(vec![]));
    history.push(chosen(true));
    assert_eq!(given(&history).decide(choose(true), at(0)), Ok(vec![]));
    let gets = |history: &[Event]| given(history).0.profile.as_ref().unwrap().gets_sales_mail();
    assert!(gets(&history));
    for end in
        [granted(Role::Door), Event::AccountDisabled { reason: "left".into(), by: user(9) }, chosen(false)]
    {
        assert!(!gets(&[&history[..], &[end]].concat()));
    }
    // Those who may no longer read sales can still turn the mail off.
    history.push(granted(Role::Door));
    assert_eq!(given(&history).decide(choose(false), at(0)), Ok(vec![chosen(false)]));
}

#[test]
fn reminders_are_turned_off_and_on_again_for_an_address_with_or_without_an_account() {
    let choose = |wanted| Command::ChooseReminders { wanted };
    let chosen = |wanted| Event::RemindersChosen { wanted };
    for before in [vec![], vec![registered()]] {
        assert_eq!(given(&before).decide(choose(true), at(0)), Ok(vec![]), "they are on");
        assert_eq!(given(&before).decide(choose(false), at(0)), Ok(vec![chosen(false)]));
        let off = given(&[before, vec![chosen(false)]].concat());
        assert_eq!(off.decide(choose(false), at(0)), Ok(vec![]));
        assert_eq!(off.decide(choose(true), at(0)), Ok(vec![chosen(true)]));
    }
    let opened_later = given(&[chosen(false), registered()]);
    assert_eq!(opened_later.decide(choose(false), at(0)), Ok(vec![]), "the choice of the address stays");
    let erased = Event::PersonalDataErased { user: user(1) };
    let erased = given(&[registered(), chosen(false), erased]);
    assert_eq!(erased.decide(choose(true), at(0)), Ok(vec![]), "nothing is left of the person");
}

#[test]
fn each_code_works_once_and_none_that_is_older() {
    let with = given(&[registered(), second_factor()]);
    for old in [99, 100] {
        assert_eq!(with.decide(Command::UseOtp { step: old }, at(0)), Err(Refusal::CodeUsed));
    }
    let used = Event::OtpUsed { step: 101 };
    assert_eq!(with.decide(Command::UseOtp { step: 101 }, at(0)), Ok(vec![used.clone()]));
    let again = given(&[registered(), second_factor(), used]);
    assert_eq!(again.decide(Command::UseOtp { step: 101 }, at(0)), Err(Refusal::CodeUsed));
}

#[test]
fn each_recovery_code_works_once() {
    let used = Event::RecoveryCodeUsed { number: 3 };
    let with = given(&[registered(), second_factor()]);
    assert_eq!(with.decide(Command::UseRecoveryCode { number: 3 }, at(0)), Ok(vec![used.clone()]));
    let after = given(&[registered(), second_factor(), used]);
    assert_eq!(after.decide(Command::UseRecoveryCode { number: 3 }, at(0)), Err(Refusal::CodeUsed));
    assert!(after.decide(Command::UseRecoveryCode { number: 4 }, at(0)).is_ok());
}

fn erase(n: u8) -> Command {
    Command::ErasePersonalData { user: user(n) }
}

fn erased() -> Event {
    Event::PersonalDataErased { user: user(1) }
}

#[test]
fn a_person_is_erased_once_and_the_address_may_have_another_account() {
    assert_eq!(given(&[registered()]).decide(erase(1), at(0)), Ok(vec![erased()]));
    let after = given(&[registered(), erased()]);
    assert_eq!(after.0.profile, None);
    assert_eq!(after.decide(erase(1), at(0)), Ok(vec![]));
    assert_eq!(after.decide(update(Some("Ada"), None), at(0)), Err(Refusal::NotRegistered));
    assert!(after.decide(register(2, "body"), at(0)).is_ok_and(|events| events.len() == 1));
}

#[test]
fn a_repeated_registration_does_not_bring_an_erased_person_back() {
    let after = given(&[registered(), erased()]);
    assert_eq!(after.decide(register(1, "body"), at(0)), Err(Refusal::Erased));
}

#[test]
fn a_second_erasure_spares_the_next_account_of_the_address() {
    let Event::AccountRegistered { email, name, city, password_hash, role, fingerprint, .. } = registered()
    else {
        panic!("registered")
    };
    let next =
        Event::AccountRegistered { user: user(2), email, name, city, password_hash, role, fingerprint };
    let after = given(&[registered(), erased(), next]);
    assert_eq!(after.decide(erase(1), at(0)), Ok(vec![]));
    assert_eq!(after.decide(erase(3), at(0)), Err(Refusal::NotRegistered));
    assert_eq!(after.0.profile.map(|profile| profile.user), Some(user(2)));
}

#[test]
fn an_administrator_is_not_erased() {
    let granted = Event::RoleGranted { role: Role::Admin, venues: None, by: user(9) };
    let taken = Event::RoleGranted { role: Role::Customer, venues: None, by: user(9) };
    let admin = [registered(), granted, taken];
    assert_eq!(given(&admin[..2]).decide(erase(1), at(0)), Err(Refusal::Administrator));
    assert_eq!(given(&admin).decide(erase(1), at(0)), Ok(vec![erased()]));
}

#[test]
fn a_sealed_text_is_stored_as_it_is() {
    let sealed = Personal::sealed(user(1), &"A".repeat(40));
    let command = Command::UpdateProfile { name: Some(sealed.clone()), city: Some(sealed.clone()) };
    let updated = Event::ProfileUpdated { name: sealed.clone(), city: Some(sealed) };
    assert_eq!(given(&[registered()]).decide(command, at(0)), Ok(vec![updated]));
}

#[test]
fn a_role_is_granted_for_some_venues_or_for_all() {
    let (Given(mut account), by) = (given(&[registered()]), user(9));
    let venues = |ids: &[u8]| Some(ids.iter().map(|n| VenueId(uuid(*n))).collect::<BTreeSet<_>>());
    let grant = |role, venues| Command::GrantRole { role, venues, by };
    let granted = vec![Event::RoleGranted { role: Role::Manager, venues: venues(&[1, 2]), by }];
    assert_eq!(execute(&mut account, &grant(Role::Manager, venues(&[2, 1])), at(0)), Ok(granted));
    assert_eq!(execute(&mut account, &grant(Role::Manager, venues(&[1, 2])), at(0)), Ok(vec![]));
    assert_eq!(account.profile.as_ref().unwrap().venues, venues(&[1, 2]));
    let everywhere = execute(&mut account, &grant(Role::Manager, None), at(0)).unwrap();
    assert_eq!((everywhere.len(), account.profile.as_ref().unwrap().venues.clone()), (1, None));
    let too_many: Vec<u8> = (0..=100).collect();
    for (role, venues) in [
        (Role::Admin, venues(&[1])),
        (Role::Staff, venues(&[1])),
        (Role::Customer, venues(&[1])),
        (Role::Door, venues(&[])),
        (Role::Door, venues(&too_many)),
    ] {
        let refused = account.decide(&grant(role, venues), &context(at(0)));
        assert!(matches!(refused, Err(Refusal::Invalid(_))), "{role:?}: {refused:?}");
    }
}

#[test]
fn each_role_includes_its_permissions_and_no_others() {
    use Permission::{Accounts, BoxOffice, Desk, Door, Programme};
    for (role, permissions) in [
        (Role::Customer, &[][..]),
        (Role::Staff, &[Door, BoxOffice]),
        (Role::Door, &[Door]),
        (Role::BoxOffice, &[Door, BoxOffice, Desk]),
        (Role::Accountant, &[Accounts]),
        (Role::Manager, &[Door, BoxOffice, Desk, Accounts, Programme]),
        (Role::Admin, &Permission::ALL),
    ] {
        for permission in Permission::ALL {
            assert_eq!(role.may(permission), permissions.contains(&permission), "{role:?} {permission:?}");
        }
    }
}
