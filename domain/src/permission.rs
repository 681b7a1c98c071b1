//! Permissions of the roles of a house.

use serde::Serialize;

use crate::account::Role;

/// A part of the work of a house.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Guest lists and check-ins.
    Door,
    /// Sales at the counter and their tills.
    BoxOffice,
    /// Bookings of customers and the persons who made them.
    Desk,
    /// Sales, payments and reconciliation.
    Accounts,
    /// Shows, venues, screens and screenings.
    Programme,
    /// Roles, wallets, cascades of whole venues and the machinery.
    Administration,
}

impl Permission {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Door, Self::BoxOffice, Self::Desk, Self::Accounts, Self::Programme, Self::Administration];
}

impl Role {
    /// Returns `true` if the role includes the permission, at the venues that it is granted for.
    #[must_use]
    pub fn may(self, permission: Permission) -> bool {
        use Permission::{Accounts, Administration, BoxOffice, Desk, Door, Programme};
        match permission {
            Door => matches!(self, Self::Staff | Self::Door | Self::BoxOffice | Self::Manager | Self::Admin),
            BoxOffice => matches!(self, Self::Staff | Self::BoxOffice | Self::Manager | Self::Admin),
            Desk => matches!(self, Self::BoxOffice | Self::Manager | Self::Admin),
            Accounts => matches!(self, Self::Accountant | Self::Manager | Self::Admin),
            Programme => matches!(self, Self::Manager | Self::Admin),
            Administration => self == Self::Admin,
        }
    }
}
