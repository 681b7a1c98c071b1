//! Staff and administrators who read. Their roles are those of their tokens, for some minutes at most; the venues that a role is
//! granted for are those of the table `accounts`.

use axum::{extract::FromRequestParts, http::request::Parts};
use sqlx::{FromRow, types::Json};
use ticketshow_domain::{Permission, UserId, account::Role};
use ticketshow_http::{
    Caller, Problem,
    permissions::{ActsOn, Rule, id_in_path, id_in_query},
};
use uuid::Uuid;

use crate::machinery::{app::App, reading::answered, word::Word};

/// A caller with the permission that the table names for the route, at the venue that it acts on. Others: 401 or 403.
#[derive(Debug, Clone)]
pub struct Staff {
    pub user: UserId,
    /// Venues of the role, for a handler that finds out what the call acts on; `None` is all of them.
    pub venues: Option<Vec<Uuid>>,
}

impl FromRequestParts<App> for Staff {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let caller = <Caller as FromRequestParts<App>>::from_request_parts(parts, app).await?;
        let rule = Rule::of_request(parts);
        let venues = venues_of(app, &caller, rule.permission).await?;
        let user = caller.user;
        if let Some(venues) = &venues
            && !is_granted(app, parts, venues, rule.acts_on).await?
        {
            return Err(Problem::forbidden());
        }
        Ok(Self { user, venues })
    }
}

/// Venues where a caller has a permission; `None` is all of them.
async fn venues_of(app: &App, caller: &Caller, permission: Permission) -> Result<Option<Vec<Uuid>>, Problem> {
    caller.may_read(permission, &app.parts.edge)?;
    if !caller.role.has_venues() {
        return Ok(None);
    }
    let account = account(app, caller.user).await?.filter(|account| account.role.0.may(permission));
    Ok(account.ok_or_else(Problem::forbidden)?.venues.map(|Json(venues)| venues))
}

/// Role of an account, and the venues that it is granted for.
#[derive(FromRow)]
struct Account {
    role: Word<Role>,
    venues: Option<Json<Vec<Uuid>>>,
}

async fn account(app: &App, user: UserId) -> Result<Option<Account>, Problem> {
    let select = sqlx::query_as("SELECT role, venues FROM accounts WHERE user_id = $1 AND NOT disabled");
    answered(select.bind(user.0).fetch_optional(app.tables.pool())).await
}

/// Checks that the venue that a request acts on is one of these.
async fn is_granted(app: &App, parts: &Parts, venues: &[Uuid], acts_on: ActsOn) -> Result<bool, Problem> {
    let acted_on = match acts_on {
        ActsOn::Installation => return Ok(false),
        ActsOn::Body => return Ok(true),
        ActsOn::Query => match id_in_query(parts, "venue_id") {
            Some(venue) => return Ok(venues.contains(&venue)),
            None => match id_in_query(parts, "screening_id") {
                Some(screening) => find(app, VENUE_OF_SCREENING, screening).await?,
                None => return Ok(false),
            },
        },
        ActsOn::Venue => id_in_path(parts),
        ActsOn::Screen => named(app, parts, "SELECT venue_id FROM screens WHERE screen_id = $1").await?,
        ActsOn::Screening => named(app, parts, VENUE_OF_SCREENING).await?,
        ActsOn::Booking => {
            let select =
                "SELECT venue_id FROM screenings JOIN bookings USING (screening_id) WHERE booking_id = $1";
            named(app, parts, select).await?
        }
    };
    Ok(venues.contains(&acted_on.ok_or_else(Problem::not_found)?))
}

const VENUE_OF_SCREENING: &str = "SELECT venue_id FROM screenings WHERE screening_id = $1";

async fn named(app: &App, parts: &Parts, select: &'static str) -> Result<Option<Uuid>, Problem> {
    match id_in_path(parts) {
        Some(id) => find(app, select, id).await,
        None => Ok(None),
    }
}

async fn find(app: &App, select: &'static str, id: Uuid) -> Result<Option<Uuid>, Problem> {
    answered(sqlx::query_scalar(select).bind(id).fetch_optional(app.tables.pool())).await
}
