//! `DELETE /check-ins/{id}`

use std::str::FromStr;

use axum::{extract::State, http::StatusCode};
use ticketshow_domain::{
    ScreeningId, SeatName,
    screening::{Command, Screening},
};
use ticketshow_http::{PathId, Problem, StreamPosition, Trace, schema};
use uuid::Uuid;

use crate::machinery::{app::App, authority::StaffSomewhere};

/// Name of a check-in, which says where it is kept: `<screening>.<check-in>.<seat>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckInName {
    pub screening: ScreeningId,
    pub check_in: Uuid,
    pub seat: SeatName,
}

impl std::fmt::Display for CheckInName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.screening, self.check_in, self.seat)
    }
}

impl FromStr for CheckInName {
    type Err = NotACheckIn;

    fn from_str(text: &str) -> Result<Self, NotACheckIn> {
        let mut parts = text.splitn(3, '.');
        let mut part = || parts.next().ok_or(NotACheckIn);
        Ok(Self {
            screening: part()?.parse().map_err(|_| NotACheckIn)?,
            check_in: part()?.parse().map_err(|_| NotACheckIn)?,
            seat: part()?.parse().map_err(|_| NotACheckIn)?,
        })
    }
}

/// Invalid name of a check-in.
#[derive(Debug, PartialEq, Eq)]
pub struct NotACheckIn;

/// Undoes a check-in, until the screening ends. The ticket admits again. An undone check-in stays undone.
///
/// # Errors
///
/// 404 if the id names no check-in; 409 `screening-over`.
#[utoipa::path(
    delete,
    path = "/check-ins/{id}",
    tag = "Booking and money",
    params(("id" = String, Path, description = "`check_in_id` of the check-in")),
    responses(
        (status = 204, description = "undone, now or before"),
        schema::NotFound,
        (
            status = 409,
            description = "`screening-over`",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::StaffCall,
    ),
    security(("bearer" = []))
)]
pub async fn undo_check_in(
    State(app): State<App>,
    staff: StaffSomewhere,
    trace: Trace,
    PathId(name): PathId<String>,
) -> Result<(StatusCode, StreamPosition), Problem> {
    let CheckInName { screening, check_in, seat } =
        name.parse().map_err(|NotACheckIn| Problem::not_found())?;
    staff.check_screening(&app, screening).await?;
    let caller = staff.caller;
    let command = Command::UndoCheckIn { check_in, seat, by: caller.user };
    let metadata = app.sent_by(caller.user, &trace);
    let position = app.send::<Screening>(&screening, command, metadata).await?;
    Ok((StatusCode::NO_CONTENT, position))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_in_is_parsed_as_it_is_written() {
        let (screening, check_in) = (ScreeningId(Uuid::from_u128(1)), Uuid::from_u128(2));
        let name = CheckInName { screening, check_in, seat: SeatName("A.B-7".to_owned()) };
        assert_eq!(name.to_string().parse(), Ok(name));
        for wrong in ["", "7", "a.b.c", "00000000-0000-0000-0000-000000000001.x.A-1"] {
            assert_eq!(wrong.parse::<CheckInName>(), Err(NotACheckIn), "{wrong}");
        }
    }
}
