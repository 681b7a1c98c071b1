//! Hosted payment page of a session, and the redirect back to the shop.

use std::fmt::Write as _;

use axum::{
    extract::{Path, RawForm, State},
    http::{StatusCode, header::LOCATION},
    response::{IntoResponse, Response},
};

use crate::{
    interface::pages::html::{escape, page},
    rules::{
        cards::{Card, DECLINED_CARD, SUCCESS_CARD, TEST_CARDS},
        currencies::display,
        customers::Payer,
        paying::{Access, Closed},
    },
    simulator::Simulator,
    state::records::{Customer, Payment, Session},
};

/// Shows the payment form.
pub async fn show(State(simulator): State<Simulator>, Path(id): Path<String>) -> Response {
    let world = simulator.world();
    match world.usable(&id, Access::Page) {
        Ok(session) => {
            let customer = session.customer_id.as_deref().and_then(|id| world.book.customer(id));
            form(StatusCode::OK, session, customer, None)
        }
        Err(closed) => closed_page(closed),
    }
}

/// Handles the submitted form: pay, decline or cancel.
pub async fn submit(
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
    RawForm(fields): RawForm,
) -> Response {
    let field = |name: &str| {
        let mut fields = form_urlencoded::parse(&fields);
        fields.find(|(other, _)| other == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    let payer = Payer::new(&field("email"), Some(&field("name")));
    let number = match field("action").as_str() {
        "cancel" => return cancel(&simulator, &id, payer),
        "decline" => DECLINED_CARD.to_owned(),
        // The Enter key submits with the first button, Pay; a script may send no button.
        _ => field("card_number"),
    };
    let Some(card) = Card::parse(&number) else {
        return again(&simulator, &id, "Enter a card number: 12 to 19 digits.");
    };
    match simulator.change(|world| world.pay(&id, &card, payer, Access::Page)) {
        Ok(payment) => {
            let url = session_url(&simulator, &id, |session| session.return_url.clone());
            send_back(url, &payment)
        }
        Err(Closed::NoPayer) => again(&simulator, &id, "Enter your e-mail address."),
        Err(closed) => closed_page(closed),
    }
}

fn cancel(simulator: &Simulator, id: &str, payer: Option<Payer>) -> Response {
    // Cancelling requires no e-mail address.
    let payer = payer.or_else(|| Payer::new("nobody@example.com", None));
    match simulator.change(|world| world.cancel(id, payer)) {
        Ok(payment) => {
            let url = session_url(simulator, id, |session| {
                session.cancel_url.clone().or_else(|| session.return_url.clone())
            });
            send_back(url, &payment)
        }
        Err(closed) => closed_page(closed),
    }
}

fn session_url(
    simulator: &Simulator,
    id: &str,
    url: impl FnOnce(&Session) -> Option<String>,
) -> Option<String> {
    simulator.world().book.session(id).and_then(url)
}

/// Redirects to the shop with the outcome, which the shop must not trust.
fn send_back(url: Option<String>, payment: &Payment) -> Response {
    let status = payment.status.name();
    if let Some(url) = url {
        let url = with_outcome(&url, &payment.payment_id, status);
        return (StatusCode::SEE_OTHER, [(LOCATION, url)]).into_response();
    }
    let main = format!("<h1>Payment {status}</h1>\n<p>You can close this page.</p>");
    page(StatusCode::OK, "Payment", &main)
}

/// Adds `payment_id` and `status` to the query of an address, before its fragment.
fn with_outcome(url: &str, payment: &str, status: &str) -> String {
    let (url, fragment) = url.split_once('#').map_or((url, None), |(url, rest)| (url, Some(rest)));
    let joint = match url.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some((_, query)) if query.ends_with('&') => "",
        Some(_) => "&",
    };
    let fragment = fragment.map(|rest| format!("#{rest}")).unwrap_or_default();
    format!("{url}{joint}payment_id={payment}&status={status}{fragment}")
}

/// Shows the form again with an error.
fn again(simulator: &Simulator, id: &str, wrong: &str) -> Response {
    let world = simulator.world();
    match world.usable(id, Access::Page) {
        Ok(session) => {
            let customer = session.customer_id.as_deref().and_then(|id| world.book.customer(id));
            form(StatusCode::UNPROCESSABLE_ENTITY, session, customer, Some(wrong))
        }
        Err(closed) => closed_page(closed),
    }
}

fn closed_page(closed: Closed) -> Response {
    let (status, text) = match closed {
        Closed::Unknown | Closed::NoPayer => (StatusCode::NOT_FOUND, "This checkout does not exist."),
        Closed::Expired => (StatusCode::GONE, "This checkout has expired. You were not charged."),
        Closed::Paid => (StatusCode::CONFLICT, "This checkout has already been paid."),
        Closed::Cancelled => (StatusCode::GONE, "This checkout was cancelled. You were not charged."),
    };
    page(status, "Checkout", &format!("<h1>Checkout</h1>\n<p>{text}</p>"))
}

fn form(status: StatusCode, session: &Session, customer: Option<&Customer>, wrong: Option<&str>) -> Response {
    let total = display(session.total(), &session.currency);
    let mut main = format!("<h1>Pay {}</h1>\n", escape(&total));
    main.push_str(&order(session, &total));
    if let Some(wrong) = wrong {
        let _ = writeln!(main, "<p class=\"error\" role=\"alert\" id=\"wrong\">{}</p>", escape(wrong));
    }
    main.push_str("<form method=\"post\">\n");
    main.push_str(&who(customer));
    let described = if wrong.is_some() { " aria-describedby=\"wrong\"" } else { "" };
    let _ = write!(
        main,
        "<label for=\"card\">Card number</label>\n\
         <input id=\"card\" name=\"card_number\" inputmode=\"numeric\" autocomplete=\"off\" value=\"{SUCCESS_CARD}\" required{described}>\n\
         <div class=\"pair\">\n\
         <div><label for=\"expiry\">Expiry</label><input id=\"expiry\" name=\"expiry\" autocomplete=\"off\" value=\"06/32\"></div>\n\
         <div><label for=\"cvc\">Security code</label><input id=\"cvc\" name=\"cvc\" inputmode=\"numeric\" autocomplete=\"off\" value=\"123\"></div>\n\
         </div>\n\
         <button class=\"main\" name=\"action\" value=\"pay\">Pay {}</button>\n\
         <button name=\"action\" value=\"decline\">Pay with declined card</button>\n\
         <button name=\"action\" value=\"cancel\" formnovalidate>Cancel</button>\n\
         </form>\n",
        escape(&total)
    );
    main.push_str(&test_cards());
    page(status, &format!("Pay {total}"), &main)
}

fn order(session: &Session, total: &str) -> String {
    let mut order = "<dl class=\"order\">\n".to_owned();
    for line in &session.lines {
        let name = line.name.as_deref().unwrap_or("Item");
        let _ = writeln!(
            order,
            "<dt>{} × {}</dt><dd>{}</dd>",
            escape(name),
            line.quantity,
            escape(&display(line.amount, &session.currency))
        );
    }
    let tax: i64 = session.lines.iter().map(|line| line.tax).sum();
    let tax = display(tax, &session.currency);
    let _ = writeln!(order, "<dt class=\"soft\">including tax</dt><dd class=\"soft\">{}</dd>", escape(&tax));
    let _ =
        writeln!(order, "<dt class=\"total\">Total</dt><dd class=\"total\">{}</dd>\n</dl>", escape(total));
    order
}

fn who(customer: Option<&Customer>) -> String {
    match customer {
        Some(customer) => {
            format!("<p>Paying as {} ({})</p>\n", escape(&customer.name), escape(&customer.email))
        }
        None => "<label for=\"email\">E-mail</label>\n\
                 <input id=\"email\" name=\"email\" type=\"email\" autocomplete=\"email\" value=\"buyer@example.com\" required>\n\
                 <label for=\"name\">Name</label>\n<input id=\"name\" name=\"name\" autocomplete=\"name\">\n"
            .to_owned(),
    }
}

fn test_cards() -> String {
    let mut table = "<div class=\"scroll\"><table>\n<caption>Test cards; any other is declined</caption>\n\
        <thead><tr><th scope=\"col\">Number</th><th scope=\"col\">Result</th></tr></thead>\n<tbody>\n"
        .to_owned();
    for (number, does) in TEST_CARDS {
        let _ = writeln!(table, "<tr><td><code>{number}</code></td><td>{}</td></tr>", escape(does));
    }
    table + "</tbody>\n</table></div>"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outcome_is_added_to_what_the_address_has() {
        let added = |url| with_outcome(url, "pay_1", "succeeded");

        assert_eq!(added("https://shop/back"), "https://shop/back?payment_id=pay_1&status=succeeded");
        assert_eq!(added("https://shop/back?b=1"), "https://shop/back?b=1&payment_id=pay_1&status=succeeded");
        assert_eq!(
            added("https://shop/back?#top"),
            "https://shop/back?payment_id=pay_1&status=succeeded#top"
        );
    }
}
