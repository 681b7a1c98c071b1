//! Screenings: scheduling, changing and cancelling them.

pub mod block_seats;
pub mod call_off_screening;
pub mod change_draft;
pub mod change_screening;
pub mod copy_schedule;
pub mod draft_blocks;
pub mod join_waiting_list;
pub mod leave_waiting_list;
pub mod publish_drafts;
pub mod release_block;
pub mod schedule_screening;
pub mod scheduled_screening;
pub mod screen_blocks;
pub mod send_message;
