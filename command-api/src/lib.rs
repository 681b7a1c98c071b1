//! The REST commands: what changes anything. Each reads a body, sends commands to aggregates and tells what came of it;
//! rules are in the domain, and nothing is decided by a read model.
//!
//! [`router`] is the table; every endpoint has the file of its name. To add one: write the file, add its line to the
//! table, and accept the new OpenAPI snapshot.

mod add_screen;
mod administrator;
mod app;
mod call_off_screening;
mod cancel_booking;
mod cancel_show;
mod cascades;
mod change_password;
mod check_in;
mod checkouts;
mod create_show;
mod create_venue;
mod credit_wallet;
mod deactivate_venue;
mod decide_payment;
mod direct_refund;
mod drop_parked;
mod end_session;
mod failures;
mod forgotten_password;
mod grant_role;
mod log_in;
mod log_out;
mod mail_booking;
mod outcomes;
mod passwords;
mod pay_booking;
mod pictures;
mod poster_store;
mod preview_cascade;
mod reactivate_venue;
mod rebuild_projection;
mod receive_notice;
mod refresh_cookie;
mod refresh_session;
mod refusals;
mod register_account;
mod resend_mail;
mod reserve_seats;
mod reset_password;
mod retry_cascade;
mod retry_parked;
mod router;
mod routing;
mod schedule_screening;
mod set_poster;
mod signed_in;
mod top_up_wallet;
mod update_profile;
mod update_screen;
mod update_show;
mod update_venue;

pub use administrator::{EnsureError, ensure_administrator};
pub use app::{App, Parts};
pub use passwords::PasswordCost;
pub use poster_store::{PosterStore, StoreError, StoreSettings};
pub use receive_notice::{NotANoticeKey, NoticeKey};
pub use router::{openapi, router};
