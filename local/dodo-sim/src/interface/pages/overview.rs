//! Start page: recent movements of money and webhooks.

use std::fmt::Write as _;

use axum::{extract::State, response::Response};

use crate::{
    interface::{
        pages::html::{escape, wide_page},
        wire::movement_name,
    },
    rules::currencies::display,
    simulator::Simulator,
    state::records::{AttemptOutcome, Movement, Notice},
};

/// Maximum rows per table.
const ROWS: usize = 25;

/// Shows movements of money and notices, newest first.
pub async fn show(State(simulator): State<Simulator>) -> Response {
    let (ledger, notices) = (simulator.ledger(), simulator.notices());
    let mut main = "<h1>Dodo simulator</h1>\n\
        <p>A simulator of the payment provider on this machine. Checkouts of the shop lead to its payment page; \
        <code>/admin/ledger</code>, <code>/admin/webhooks</code> and <code>/admin/faults</code> are for tests.</p>\n\
        <h2>Money</h2>\n"
        .to_owned();
    let rows = ledger.iter().rev().take(ROWS).map(movement);
    main.push_str(&table(&["Time", "Kind", "Amount", "Payment", "Refund"], rows));
    main.push_str("<h2>Webhooks</h2>\n");
    let rows = notices.iter().rev().take(ROWS).map(notice);
    main.push_str(&table(&["Time", "Type", "Attempts", "Last response", "Id"], rows));
    wide_page("Dodo simulator", &main)
}

fn movement(movement: &Movement) -> [String; 5] {
    [
        movement.at.to_string(),
        movement_name(movement.kind).to_owned(),
        display(movement.amount, &movement.currency),
        movement.payment_id.clone(),
        movement.refund_id.clone().unwrap_or_default(),
    ]
}

fn notice(notice: &Notice) -> [String; 5] {
    let last = notice.attempts.last().map(|attempt| match &attempt.outcome {
        AttemptOutcome::Status(status) => status.to_string(),
        AttemptOutcome::Unanswered(why) => why.clone(),
    });
    [
        notice.happened_at.to_string(),
        notice.kind.clone(),
        notice.attempts.len().to_string(),
        last.unwrap_or_default(),
        notice.webhook_id.clone(),
    ]
}

fn table(heads: &[&str; 5], rows: impl Iterator<Item = [String; 5]>) -> String {
    let mut table = "<div class=\"scroll\"><table>\n<thead><tr>".to_owned();
    for head in heads {
        let _ = write!(table, "<th scope=\"col\">{head}</th>");
    }
    table.push_str("</tr></thead>\n<tbody>\n");
    let mut any = false;
    for row in rows {
        any = true;
        table.push_str("<tr>");
        for cell in row {
            let _ = write!(table, "<td>{}</td>", escape(&cell));
        }
        table.push_str("</tr>\n");
    }
    if !any {
        table.push_str("<tr><td colspan=\"5\">Nothing yet.</td></tr>\n");
    }
    table + "</tbody>\n</table></div>\n"
}
