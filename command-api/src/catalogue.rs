//! The catalogue: shows and their posters, venues and their screens.

pub mod add_screen;
pub mod cancel_show;
pub mod create_show;
pub mod create_venue;
pub mod deactivate_venue;
pub mod pictures;
pub mod poster_store;
pub mod price_templates;
pub mod reactivate_venue;
pub mod retire_screen;
pub mod set_poster;
pub mod update_screen;
pub mod update_show;
pub mod update_venue;
