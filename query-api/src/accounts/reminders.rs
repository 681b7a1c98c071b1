//! `GET /reminders/unsubscribe`

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use ticketshow_http::{Params, Problem, schema};
use utoipa::IntoParams;

/// Longest token that is passed on.
const TOKEN_CHARS_MAX: usize = 200;

/// The link of a reminder.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Unsubscription {
    #[serde(default)]
    token: String,
}

/// Leads to the page that turns reminders off: for mail programs that open the address in the header `List-Unsubscribe` in a browser
/// instead of calling it. Changes nothing itself, because programs that check the links of a mail open them, too.
///
/// # Errors
///
/// 404 without a token.
#[utoipa::path(
    get,
    path = "/reminders/unsubscribe",
    tag = "Accounts",
    params(Unsubscription),
    responses((status = 303, description = "the page is in `Location`"), schema::NotFound, schema::AnyCall)
)]
pub async fn open_unsubscribe_page(
    Params(Unsubscription { token }): Params<Unsubscription>,
) -> Result<Response, Problem> {
    let is_token = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
    if token.is_empty() || token.len() > TOKEN_CHARS_MAX || !is_token(&token) {
        return Err(Problem::not_found());
    }
    let page =
        HeaderValue::try_from(format!("/reminders#token={token}")).map_err(|_| Problem::not_found())?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, page)]).into_response())
}
