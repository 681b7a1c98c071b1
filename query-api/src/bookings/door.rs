//! `GET /screenings/{id}/door`

use std::collections::{BTreeMap, BTreeSet};

use axum::{Json, extract::State};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, types::Json as Stored};
use ticketshow_domain::{
    BookingId, BookingReference, Layout, ScreeningId, SeatName, hold::PricedSeat, pricing::TicketType,
};
use ticketshow_http::{PathId, Problem, schema};
use ticketshow_tickets::{CODE_VERSION, PublicKey};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    bookings::guests::type_of,
    catalogue::screenings::{Screening, screening},
    machinery::{
        app::App,
        authority::Staff,
        formatting::Moment,
        reading::{Reading, Select},
        responses::CallForOne,
    },
};

/// Everything that a door without a network needs to admit the guests of one screening.
#[derive(Debug, Serialize, ToSchema)]
pub struct Door {
    screening: Screening,
    /// Time of this answer, by which a device corrects its clock.
    server_time: Moment,
    /// Guests are admitted from this time on.
    doors_open_at: Moment,
    /// Check-ins are undone until this time.
    undo_until: Moment,
    /// Check-ins whose times differ by more seconds from what is possible are not recorded.
    #[schema(example = 300)]
    clock_skew_seconds: i64,
    /// Most check-ins reported in one call.
    #[schema(example = 200)]
    batch_max: usize,
    codes: Codes,
    /// Every ticket that admits, or did.
    tickets: Vec<DoorTicket>,
    /// Tickets that admit no longer: of paid bookings that were cancelled, and of seats that were given back.
    void: Vec<VoidTicket>,
}

/// Data to verify ticket codes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Codes {
    /// Codes begin with this version. `<version>.<key id>.<payload>.<signature>`: the last three are base32 (RFC 4648, without
    /// padding); the payload is the 16 bytes of the screening's id, the 16 bytes of the booking's id and the seat's name; the
    /// signature is Ed25519 over the text before the last dot.
    #[schema(example = "TS1")]
    version: &'static str,
    keys: Vec<CodeKey>,
}

/// A key that verifies codes.
#[derive(Debug, Serialize, ToSchema)]
pub struct CodeKey {
    /// Name of the key in codes.
    #[schema(example = "JBSWY3DP")]
    key_id: String,
    /// The 32 bytes of the public key in base64url: `x` of a JSON Web Key with `kty` `OKP` and `crv` `Ed25519`.
    public_key: String,
}

impl CodeKey {
    fn new(key: &PublicKey) -> Self {
        Self { key_id: key.id().to_string(), public_key: URL_SAFE_NO_PAD.encode(key.bytes()) }
    }
}

/// A ticket that admits one guest. A code names the same booking and seat.
#[derive(Debug, Serialize, ToSchema)]
pub struct DoorTicket {
    booking_id: Uuid,
    /// Number of the booking, for people.
    #[schema(value_type = String, example = "K7QM-3XRP")]
    reference: BookingReference,
    /// Name of the customer; null if the customer has no account and gave no name at the counter.
    name: Option<String>,
    #[schema(example = "C-7")]
    seat: String,
    /// Level of the seat, such as the balcony; left out in a room with one level.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Balcony")]
    level: Option<String>,
    #[schema(value_type = String, example = "adult")]
    ticket_type: TicketType,
    /// Time of the check-in, at the door; null while the guest is not in.
    checked_in_at: Option<Moment>,
    /// Member of staff who checked the guest in.
    checked_in_by: Option<Uuid>,
    /// Device of a check-in made without a network.
    device: Option<String>,
    /// Names the check-in, to undo it.
    check_in_id: Option<String>,
    /// Later admissions on the same ticket.
    conflicts: Vec<DoorConflict>,
}

/// A ticket that admits no longer.
#[derive(Debug, Serialize, ToSchema)]
pub struct VoidTicket {
    booking_id: Uuid,
    #[schema(value_type = String, example = "K7QM-3XRP")]
    reference: BookingReference,
    name: Option<String>,
    #[schema(example = "C-7")]
    seat: String,
    /// Admissions on the ticket by a door without a network.
    conflicts: Vec<DoorConflict>,
}

/// A guest whom a door without a network admitted although the ticket was used before, or void.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DoorConflict {
    #[schema(example = "C-7")]
    seat: String,
    kind: ConflictKind,
    /// Time at the door.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Member of staff.
    by: Uuid,
    device: Option<String>,
}

/// Fault of the ticket.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ConflictKind {
    AlreadyUsed,
    Void,
}

/// The check-in of a ticket, as it is stored.
#[derive(Deserialize)]
struct Admission {
    check_in: Option<Uuid>,
    by: Uuid,
    device: Option<String>,
}

/// Seats that were given back, as the table keeps them.
#[derive(Deserialize)]
struct Returned {
    seats: Vec<String>,
}

/// Seats that the booking had before it moved, as the table keeps them.
#[derive(Deserialize)]
struct Moved {
    from: Uuid,
    seats: Vec<String>,
}

/// The room of the screening.
#[derive(FromRow)]
struct Room {
    layout: Stored<Layout>,
}

#[derive(FromRow)]
struct Row {
    booking_id: Uuid,
    name: Option<String>,
    is_cancelled: bool,
    /// Without the seats that were given back.
    seats: Vec<String>,
    returns: Stored<Vec<Returned>>,
    moves: Stored<Vec<Moved>>,
    screening_id: Uuid,
    check_ins: Stored<BTreeMap<String, Timestamp>>,
    admissions: Stored<BTreeMap<String, Admission>>,
    conflicts: Stored<Vec<DoorConflict>>,
    lines: Option<Stored<Vec<PricedSeat>>>,
}

impl Row {
    fn conflicts_of(&self, seat: &str) -> Vec<DoorConflict> {
        self.conflicts.iter().filter(|conflict| conflict.seat == seat).cloned().collect()
    }

    fn reference(&self) -> BookingReference {
        BookingId(self.booking_id).reference()
    }

    fn tickets(&self, screening: ScreeningId, layout: Option<&Layout>) -> impl Iterator<Item = DoorTicket> {
        let is_here = self.screening_id == screening.0;
        let admitting = self.seats.iter().filter(move |_| is_here && !self.is_cancelled);
        admitting.map(move |seat| {
            let admission = self.admissions.get(seat);
            let check_in = admission.and_then(|admission| admission.check_in);
            DoorTicket {
                booking_id: self.booking_id,
                reference: self.reference(),
                name: self.name.clone(),
                level: layout.and_then(|layout| layout.level_of(&SeatName(seat.clone()))).map(str::to_owned),
                seat: seat.clone(),
                ticket_type: type_of(self.lines.as_ref(), seat),
                checked_in_at: self.check_ins.get(seat).map(|at| Moment::from(*at)),
                checked_in_by: admission.map(|admission| admission.by),
                device: admission.and_then(|admission| admission.device.clone()),
                check_in_id: check_in.map(|check_in| format!("{screening}.{check_in}.{seat}")),
                conflicts: self.conflicts_of(seat),
            }
        })
    }

    fn void(&self, screening: ScreeningId) -> impl Iterator<Item = VoidTicket> {
        let is_here = self.screening_id == screening.0;
        let cancelled = self.seats.iter().filter(move |_| is_here && self.is_cancelled);
        let returned = self.returns.iter().filter(move |_| is_here).flat_map(|returned| &returned.seats);
        let moved =
            self.moves.iter().filter(move |moved| moved.from == screening.0).flat_map(|moved| &moved.seats);
        let has = move |seat: &&String| is_here && self.seats.contains(seat);
        let gone: BTreeSet<&String> = returned.chain(moved).filter(|seat| !has(seat)).collect();
        cancelled.chain(gone).map(|seat| VoidTicket {
            booking_id: self.booking_id,
            reference: self.reference(),
            name: self.name.clone(),
            seat: seat.clone(),
            conflicts: self.conflicts_of(seat),
        })
    }
}

/// Returns everything that a door without a network needs: the tickets of the screening, who is in, and the public keys of ticket
/// codes. Codes are not among it, because a code is enough to get in: a device verifies the signature of the one it is shown,
/// and finds booking and seat in it.
///
/// # Errors
///
/// 404 if the screening does not exist; 403 if the role does not include this.
#[utoipa::path(
    get,
    path = "/screenings/{id}/door",
    tag = "Booking and money",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Door), CallForOne, schema::AnyCall, schema::StaffCall),
    security(("bearer" = []))
)]
pub async fn get_door(
    State(app): State<App>,
    _admitted: Staff,
    PathId(id): PathId<ScreeningId>,
    mut reading: Reading,
) -> Result<Json<Door>, Problem> {
    let screening = screening(&mut reading, id).await?;
    let select: Select<Row> = sqlx::query_as(
        "SELECT b.booking_id, coalesce(a.name, w.name) AS name, b.claim <> 'sold' AS is_cancelled, b.seats, b.returns,
                b.moves, b.screening_id, b.check_ins, b.admissions, b.conflicts, b.priced_seats AS lines
         FROM bookings b LEFT JOIN accounts a ON a.user_id = b.customer_id LEFT JOIN buyers w ON w.user_id = b.customer_id
         WHERE (b.screening_id = $1 OR b.moves <> '[]' AND b.moves @> jsonb_build_array(jsonb_build_object('from', $1)))
           AND (b.claim = 'sold' OR b.confirmed_at IS NOT NULL)
         ORDER BY b.booking_id",
    );
    let rows = reading.planned(select.bind(id.0)).await?;
    let select: Select<Room> = sqlx::query_as("SELECT layout FROM seat_maps WHERE screening_id = $1");
    let room = reading.find(select.bind(id.0)).await?;
    let layout = room.as_ref().map(|room| &room.layout.0);
    let policy = app.parts.policy;
    let doors = SignedDuration::from_secs(policy.check_in_seconds);
    let doors_open_at = screening.starts_at.timestamp().checked_sub(doors).unwrap_or(Timestamp::MIN);
    Ok(Json(Door {
        server_time: app.parts.edge.now().into(),
        doors_open_at: doors_open_at.into(),
        undo_until: screening.ends_at,
        clock_skew_seconds: policy.door_clock_skew_seconds,
        batch_max: policy.door_batch_max,
        codes: Codes {
            version: CODE_VERSION,
            keys: app.parts.ticket_keys.iter().map(CodeKey::new).collect(),
        },
        tickets: rows.iter().flat_map(|row| row.tickets(id, layout)).collect(),
        void: rows.iter().flat_map(|row| row.void(id)).collect(),
        screening: screening.into(),
    }))
}
