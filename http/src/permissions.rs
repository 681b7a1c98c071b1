//! The table of permissions: every route that needs more than an account, with the permission that it needs and the venue
//! that it acts on. Both APIs look their routes up here; a route that is missing is for administrators only.

use axum::{
    extract::MatchedPath,
    http::{Method, request::Parts},
};
use serde::Serialize;
use ticketshow_domain::Permission;
use uuid::Uuid;

use Permission::{Accounts, Administration, BoxOffice, Desk, Door, Programme};

/// Thing whose venue a route acts on. A role that is granted for some venues only is checked against that venue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ActsOn {
    /// More than one venue: roles for some venues only are refused.
    Installation,
    /// The venue in the path.
    Venue,
    /// The screen in the path.
    Screen,
    /// The screening in the path.
    Screening,
    /// The booking in the path.
    Booking,
    /// The venue or screening among the parameters of the query; without one, more than one venue.
    Query,
    /// A thing that the handler looks up and checks, such as one in the body, or the caller's own.
    Body,
}

/// Permission that a route needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Permission of the caller's role.
    pub permission: Permission,
    /// Thing whose venue the role must be granted for.
    pub acts_on: ActsOn,
}

/// Routes below `/api/v1`, by method and template.
pub const ROUTES: &[(&str, &str, Permission, ActsOn)] = &[
    ("GET", "/admin/accounts", Administration, ActsOn::Installation),
    ("POST", "/admin/accounts", Administration, ActsOn::Installation),
    ("GET", "/admin/accounts/{user_id}", Desk, ActsOn::Installation),
    ("PUT", "/admin/accounts/{user_id}/role", Administration, ActsOn::Installation),
    ("DELETE", "/admin/accounts/{user_id}/sessions", Administration, ActsOn::Installation),
    ("PUT", "/admin/accounts/{user_id}/state", Administration, ActsOn::Installation),
    ("GET", "/admin/audit", Administration, ActsOn::Installation),
    ("GET", "/admin/bookings", Desk, ActsOn::Query),
    ("DELETE", "/admin/bookings/{id}/customer", Desk, ActsOn::Booking),
    ("GET", "/admin/bookings/{id}/history", Desk, ActsOn::Booking),
    ("GET", "/admin/cascades", Administration, ActsOn::Installation),
    ("POST", "/admin/cascades/preview", Administration, ActsOn::Installation),
    ("GET", "/admin/cascades/{id}", Programme, ActsOn::Body),
    ("POST", "/admin/cascades/{id}/retry", Administration, ActsOn::Installation),
    ("GET", "/admin/credits", Accounts, ActsOn::Installation),
    ("GET", "/admin/history/{aggregate}/{id}", Administration, ActsOn::Installation),
    ("GET", "/admin/invoices", Accounts, ActsOn::Query),
    ("GET", "/admin/mails", Desk, ActsOn::Installation),
    ("POST", "/admin/mails/{id}/resend", Administration, ActsOn::Installation),
    ("GET", "/admin/parked", Administration, ActsOn::Installation),
    ("DELETE", "/admin/parked/{id}", Administration, ActsOn::Installation),
    ("POST", "/admin/parked/{id}/retry", Administration, ActsOn::Installation),
    ("GET", "/admin/payments", Accounts, ActsOn::Installation),
    ("POST", "/admin/payments/{id}/decision", Administration, ActsOn::Installation),
    ("GET", "/admin/projections", Administration, ActsOn::Installation),
    ("POST", "/admin/projections/{name}/rebuild", Administration, ActsOn::Installation),
    ("GET", "/admin/reconciliation", Accounts, ActsOn::Installation),
    ("GET", "/admin/refunds", Accounts, ActsOn::Installation),
    ("POST", "/admin/refunds/{id}/retry", Administration, ActsOn::Installation),
    ("POST", "/admin/refunds/{id}/to-wallet", Administration, ActsOn::Installation),
    ("GET", "/admin/sales", Accounts, ActsOn::Query),
    ("GET", "/admin/screenings/{id}/holders", Desk, ActsOn::Screening),
    ("POST", "/admin/screenings/{id}/holders/{user_id}/release", Desk, ActsOn::Screening),
    ("GET", "/admin/screenings/{id}/seats", Programme, ActsOn::Screening),
    ("GET", "/admin/streams", Administration, ActsOn::Installation),
    ("POST", "/admin/wallets/{user_id}/credits", Administration, ActsOn::Installation),
    ("POST", "/admin/wallets/{user_id}/credits/{credit_id}/approval", Administration, ActsOn::Installation),
    ("POST", "/bookings/{id}/notes", Desk, ActsOn::Booking),
    ("POST", "/box-office/quotes", BoxOffice, ActsOn::Body),
    ("GET", "/box-office/refunds", BoxOffice, ActsOn::Query),
    ("POST", "/box-office/refunds", BoxOffice, ActsOn::Body),
    ("POST", "/box-office/sales", BoxOffice, ActsOn::Body),
    ("GET", "/box-office/tills", BoxOffice, ActsOn::Body),
    ("POST", "/box-office/tills", BoxOffice, ActsOn::Body),
    ("GET", "/box-office/tills/{id}", BoxOffice, ActsOn::Body),
    ("POST", "/box-office/tills/{id}/closing", BoxOffice, ActsOn::Body),
    ("POST", "/check-ins", Door, ActsOn::Body),
    ("DELETE", "/check-ins/{id}", Door, ActsOn::Body),
    ("GET", "/promotions", Programme, ActsOn::Installation),
    ("POST", "/promotions", Programme, ActsOn::Installation),
    ("PATCH", "/promotions/{id}", Programme, ActsOn::Installation),
    ("POST", "/screenings", Programme, ActsOn::Body),
    ("DELETE", "/screenings/{id}", Programme, ActsOn::Screening),
    ("PATCH", "/screenings/{id}", Programme, ActsOn::Screening),
    ("GET", "/screenings/{id}/blocks", BoxOffice, ActsOn::Screening),
    ("POST", "/screenings/{id}/blocks", BoxOffice, ActsOn::Screening),
    ("DELETE", "/screenings/{id}/blocks/{block_id}", BoxOffice, ActsOn::Screening),
    ("POST", "/screenings/{id}/messages", Programme, ActsOn::Screening),
    ("GET", "/screenings/{id}/check-ins", Door, ActsOn::Screening),
    ("GET", "/screenings/{id}/door", Door, ActsOn::Screening),
    ("POST", "/screenings/{id}/door/check-ins", Door, ActsOn::Screening),
    ("GET", "/screenings/{id}/guests", Door, ActsOn::Screening),
    ("DELETE", "/screens/{id}", Programme, ActsOn::Screen),
    ("PATCH", "/screens/{id}", Programme, ActsOn::Screen),
    ("GET", "/screens/{id}/blocks", Programme, ActsOn::Screen),
    ("POST", "/screens/{id}/blocks", Programme, ActsOn::Screen),
    ("DELETE", "/screens/{id}/blocks/{block_id}", Programme, ActsOn::Screen),
    ("DELETE", "/screens/{id}/drafts/{draft_id}", Programme, ActsOn::Screen),
    ("PUT", "/screens/{id}/drafts/{draft_id}", Programme, ActsOn::Screen),
    ("POST", "/screens/{id}/drafts/{draft_id}/blocks", Programme, ActsOn::Screen),
    ("DELETE", "/screens/{id}/drafts/{draft_id}/blocks/{block_id}", Programme, ActsOn::Screen),
    ("POST", "/screens/{id}/drafts/{draft_id}/publication", Programme, ActsOn::Screen),
    ("GET", "/screens/{id}/overlaps", Programme, ActsOn::Screen),
    ("POST", "/screens/{id}/reactivation", Programme, ActsOn::Screen),
    ("POST", "/shows", Programme, ActsOn::Installation),
    ("PATCH", "/shows/{id}", Programme, ActsOn::Installation),
    ("DELETE", "/shows/{id}", Administration, ActsOn::Installation),
    ("GET", "/shows/{id}/overlaps", Programme, ActsOn::Installation),
    ("PUT", "/shows/{id}/poster", Programme, ActsOn::Installation),
    ("POST", "/venues", Administration, ActsOn::Installation),
    ("PATCH", "/venues/{id}", Programme, ActsOn::Venue),
    ("DELETE", "/venues/{id}", Administration, ActsOn::Installation),
    ("GET", "/venues/{id}/day-sheet", Door, ActsOn::Venue),
    ("GET", "/venues/{id}/drafts", Programme, ActsOn::Venue),
    ("GET", "/venues/{id}/price-templates", Programme, ActsOn::Venue),
    ("POST", "/venues/{id}/price-templates", Programme, ActsOn::Venue),
    ("DELETE", "/venues/{id}/price-templates/{template_id}", Programme, ActsOn::Venue),
    ("PUT", "/venues/{id}/price-templates/{template_id}", Programme, ActsOn::Venue),
    ("POST", "/venues/{id}/reactivation", Administration, ActsOn::Installation),
    ("POST", "/venues/{id}/schedule/copies", Programme, ActsOn::Venue),
    ("POST", "/venues/{id}/schedule/publications", Programme, ActsOn::Venue),
    ("POST", "/venues/{id}/screens", Programme, ActsOn::Venue),
];

const BASE: &str = "/api/v1";

impl Rule {
    /// Returns the rule of a route: its method, and its template below `/api/v1`.
    #[must_use]
    pub fn of(method: &str, template: &str) -> Option<Self> {
        let method = if method == "HEAD" { "GET" } else { method };
        let found = ROUTES.iter().find(|(known, route, ..)| *known == method && *route == template);
        found.map(|(.., permission, acts_on)| Self { permission: *permission, acts_on: *acts_on })
    }

    /// Returns the rule of the route of a request. A route without one is for administrators.
    #[must_use]
    pub fn of_request(parts: &Parts) -> Self {
        let template = parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
        Self::of(parts.method.as_str(), template.strip_prefix(BASE).unwrap_or(template))
            .unwrap_or(Self { permission: Administration, acts_on: ActsOn::Installation })
    }
}

/// Returns the first id in the path of a request, or `None` if it is no UUID.
#[must_use]
pub fn id_in_path(parts: &Parts) -> Option<Uuid> {
    let template = parts.extensions.get::<MatchedPath>()?.as_str();
    id_at(template, parts.uri.path())
}

/// The first id of a path. Counted from the end, because a nested router sees a path without the beginning of its template.
fn id_at(template: &str, path: &str) -> Option<Uuid> {
    let parts: Vec<&str> = template.split('/').collect();
    let from_end = parts.len() - parts.iter().position(|part| part.starts_with('{'))?;
    path.rsplit('/').nth(from_end - 1)?.parse().ok()
}

/// Returns an id among the parameters of the query of a request.
#[must_use]
pub fn id_in_query(parts: &Parts, name: &str) -> Option<Uuid> {
    let mut pairs = parts.uri.query()?.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(key, _)| *key == name)?;
    value.parse().ok()
}

/// Returns `true` for a request that changes nothing.
pub(crate) fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_route_has_one_rule() {
        let routes: BTreeSet<_> = ROUTES.iter().map(|(method, route, ..)| (method, route)).collect();
        assert_eq!(routes.len(), ROUTES.len());
        assert_eq!(Rule::of("HEAD", "/admin/sales"), Rule::of("GET", "/admin/sales"));
        assert_eq!(Rule::of("GET", "/unknown"), None);
        for (method, route, _, acts_on) in ROUTES {
            let named = match acts_on {
                ActsOn::Venue => "/venues/{",
                ActsOn::Screen => "/screens/{",
                ActsOn::Screening => "/screenings/{",
                ActsOn::Booking => "/bookings/{",
                ActsOn::Installation | ActsOn::Query | ActsOn::Body => "",
            };
            assert!(route.contains(named), "{method} {route}");
        }
    }

    #[test]
    fn the_id_in_a_path_is_the_first_with_or_without_the_base() {
        let (id, other) = (Uuid::from_u128(7), Uuid::from_u128(8));
        let template = "/api/v1/screenings/{id}/blocks/{block_id}";
        for path in
            [format!("/api/v1/screenings/{id}/blocks/{other}"), format!("/screenings/{id}/blocks/{other}")]
        {
            assert_eq!(id_at(template, &path), Some(id), "{path}");
        }
        assert_eq!(id_at("/api/v1/screenings/{id}", "/screenings/x"), None);
        assert_eq!(id_at("/api/v1/screenings", "/screenings"), None);
    }

    #[test]
    fn ids_in_a_query_are_those_of_whole_names() {
        let of = |query: &str| {
            let request = axum::http::Request::get(format!("/x?{query}")).body(()).unwrap();
            id_in_query(&request.into_parts().0, "venue_id")
        };
        let id = Uuid::from_u128(7);
        assert_eq!(of(&format!("a=b&venue_id={id}")), Some(id));
        assert_eq!(of(&format!("old_venue_id={id}")), None);
        assert_eq!(of("venue_id=x"), None);
    }
}
