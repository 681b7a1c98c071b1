//! The table of all write endpoints. Each is in the file named after it.

use axum::Router;
use ticketshow_http::schema::BearerToken;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    accounts::{
        choose_reminders, erase_account,
        passwords::{change_password, forgotten_password, reset_password},
        register_account,
        second_factor::{begin_second_factor, remove_second_factor, set_second_factor},
        sessions::{
            confirm_session, end_session, log_in, log_in_with_code, log_out, refresh_session, request_code,
        },
        staff::{end_sessions, grant_role, open_account, set_account_state},
        update_profile, verify_address,
    },
    bookings::{
        add_note, cancel_booking, check_in, end_share, erase_buyer, give_up_move, mail_booking, move_booking,
        open_share, pay_booking, release_holds, report_check_ins, reserve_seats, return_seats, share_ticket,
        undo_check_in,
    },
    box_office::{close_till, open_till, quote_sale, refund_at_counter, sell_seats},
    catalogue::{
        add_screen, cancel_show, create_show, create_venue, deactivate_venue, price_templates,
        reactivate_venue, retire_screen, set_poster, update_screen, update_show, update_venue,
    },
    machinery::app::App,
    money::{
        approve_credit, credit_wallet, decide_payment, receive_notice, refund_to_wallet, retry_refund,
        top_up_wallet,
    },
    operations::{
        drop_parked, preview_cascade, rebuild_projection, resend_mail, retry_cascade, retry_parked,
    },
    promotions::{change_promotion, create_promotion, drop_code, use_code},
    screenings::{
        block_seats, call_off_screening, change_draft, change_screening, copy_schedule, draft_blocks,
        join_waiting_list, leave_waiting_list, publish_drafts, release_block, schedule_screening,
        screen_blocks, send_message,
    },
};

#[derive(OpenApi)]
#[openapi(modifiers(&BearerToken))]
struct Document;

fn accounts() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(register_account::register_account))
        .routes(routes!(verify_address::verify_address))
        .routes(routes!(request_code::request_code))
        .routes(routes!(log_in_with_code::log_in_with_code))
        .routes(routes!(log_in::log_in))
        .routes(routes!(refresh_session::refresh_session))
        .routes(routes!(log_out::log_out))
        .routes(routes!(change_password::change_password))
        .routes(routes!(confirm_session::confirm_session))
        .routes(routes!(forgotten_password::forgotten_password))
        .routes(routes!(reset_password::reset_password))
        .routes(routes!(begin_second_factor::begin_second_factor, remove_second_factor::remove_second_factor))
        .routes(routes!(set_second_factor::set_second_factor))
        .routes(routes!(end_session::end_session))
        .routes(routes!(open_account::open_account))
        .routes(routes!(grant_role::grant_role))
        .routes(routes!(set_account_state::set_account_state))
        .routes(routes!(end_sessions::end_sessions))
}

fn table() -> OpenApiRouter<App> {
    let commands = accounts()
        .routes(routes!(create_show::create_show))
        .routes(routes!(update_show::update_show))
        .routes(routes!(cancel_show::cancel_show))
        .routes(routes!(set_poster::set_poster))
        .routes(routes!(create_venue::create_venue))
        .routes(routes!(update_venue::update_venue))
        .routes(routes!(deactivate_venue::deactivate_venue))
        .routes(routes!(reactivate_venue::reactivate_venue))
        .routes(routes!(add_screen::add_screen))
        .routes(routes!(update_screen::update_screen, retire_screen::retire_screen))
        .routes(routes!(schedule_screening::schedule_screening))
        .routes(routes!(call_off_screening::call_off_screening, change_screening::change_screening))
        .routes(routes!(block_seats::block_seats))
        .routes(routes!(release_block::release_block))
        .routes(routes!(quote_sale::quote_sale))
        .routes(routes!(sell_seats::sell_seats))
        .routes(routes!(open_till::open_till))
        .routes(routes!(close_till::close_till))
        .routes(routes!(refund_at_counter::refund_at_counter))
        .routes(routes!(send_message::send_message))
        .routes(routes!(reserve_seats::reserve_seats))
        .routes(routes!(pay_booking::pay_booking))
        .routes(routes!(cancel_booking::cancel_booking))
        .routes(routes!(return_seats::return_seats))
        .routes(routes!(move_booking::move_booking, give_up_move::give_up_move))
        .routes(routes!(release_holds::release_holds))
        .routes(routes!(mail_booking::mail_booking))
        .routes(routes!(add_note::add_note))
        .routes(routes!(erase_buyer::erase_buyer))
        .routes(routes!(resend_mail::resend_mail))
        .routes(routes!(check_in::check_in))
        .routes(routes!(undo_check_in::undo_check_in))
        .routes(routes!(report_check_ins::report_check_ins))
        .routes(routes!(credit_wallet::credit_wallet))
        .routes(routes!(approve_credit::approve_credit))
        .routes(routes!(preview_cascade::preview_cascade))
        .routes(routes!(retry_cascade::retry_cascade))
        .routes(routes!(top_up_wallet::top_up_wallet))
        .routes(routes!(receive_notice::receive_notice))
        .routes(routes!(decide_payment::decide_payment))
        .routes(routes!(retry_refund::retry_refund))
        .routes(routes!(refund_to_wallet::refund_to_wallet))
        .routes(routes!(rebuild_projection::rebuild_projection))
        .routes(routes!(retry_parked::retry_parked))
        .routes(routes!(drop_parked::drop_parked))
        .merge(planning())
        .merge(profiles())
        .merge(shares())
        .merge(waiting_lists())
        .merge(promotions());
    OpenApiRouter::with_openapi(Document::openapi()).nest("/api/v1", commands)
}

fn planning() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(retire_screen::reactivate_screen))
        .routes(routes!(copy_schedule::copy_schedule))
        .routes(routes!(change_draft::change_draft, change_draft::discard_draft))
        .routes(routes!(draft_blocks::block_draft_seats))
        .routes(routes!(draft_blocks::release_draft_block))
        .routes(routes!(screen_blocks::block_screen_seats))
        .routes(routes!(screen_blocks::release_screen_block))
        .routes(routes!(publish_drafts::publish_draft))
        .routes(routes!(publish_drafts::publish_schedule))
        .routes(routes!(price_templates::add_price_template))
        .routes(routes!(price_templates::change_price_template, price_templates::drop_price_template))
}

fn profiles() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(update_profile::update_profile, erase_account::erase_account))
        .routes(routes!(choose_reminders::choose_reminders))
        .routes(routes!(choose_reminders::unsubscribe))
}

fn shares() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(share_ticket::share_ticket))
        .routes(routes!(end_share::end_share))
        .routes(routes!(open_share::open_share))
}

fn waiting_lists() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(join_waiting_list::join_waiting_list, leave_waiting_list::leave_waiting_list))
        .routes(routes!(leave_waiting_list::give_up_place))
}

fn promotions() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create_promotion::create_promotion))
        .routes(routes!(change_promotion::change_promotion))
        .routes(routes!(use_code::use_code, drop_code::drop_code))
}

/// All write endpoints, below `/api/v1`. Merge it with the queries, then call [`ticketshow_http::complete`] on the
/// result.
pub fn router(app: App) -> Router {
    Router::from(table()).with_state(app)
}

/// OpenAPI document of the write endpoints, to merge with that of the queries.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    table().into_openapi()
}
