//! The list of all tables: each event is passed to the tables it concerns, and a batch is written as a whole.

mod accounts;
mod blocks;
mod booking_notes;
mod bookings;
mod box_office;
mod cascades;
mod catalogue;
mod money;
mod reminder_choices;
mod screenings;
mod seat_maps;
mod ticket_shares;
mod waiting_places;

use sqlx::PgConnection;
use ticketshow_domain::AnyEvent;
use ticketshow_nats::log::envelope::RecordedEvent;

use self::{
    accounts::Accounts,
    blocks::Blocks,
    booking_notes::BookingNotes,
    bookings::Bookings,
    box_office::{
        buyers::Buyers, counter_returns::CounterReturns, counter_sales::CounterSales, tills::Tills,
    },
    cascades::Cascades,
    catalogue::{
        catalogue_changes::CatalogueChanges, cities::Cities, city_shows::CityShows, drafts::Drafts,
        price_templates::PriceTemplates, screen_blocks::ScreenBlocks, screens::Screens, shows::Shows,
        venues::Venues,
    },
    money::{
        credits::Credits, invoices::InvoiceTables, money_sums::MoneySums, payments::Payments,
        promotions::Promotions, sales::Sales, wallet_entries::WalletEntries, wallets::Wallets,
    },
    reminder_choices::ReminderChoices,
    screenings::Screenings,
    seat_maps::SeatMaps,
    ticket_shares::TicketShares,
    waiting_places::WaitingPlaces,
};
use crate::error::ProjectError;

/// The tables and the changes staged for them. After an error, discard them and start with new ones.
pub(crate) struct ReadModels {
    accounts: Accounts,
    reminder_choices: ReminderChoices,
    shows: Shows,
    venues: Venues,
    price_templates: PriceTemplates,
    screens: Screens,
    drafts: Drafts,
    screen_blocks: ScreenBlocks,
    screenings: Screenings,
    cities: Cities,
    city_shows: CityShows,
    seat_maps: SeatMaps,
    bookings: Bookings,
    blocks: Blocks,
    waiting_places: WaitingPlaces,
    booking_notes: BookingNotes,
    ticket_shares: TicketShares,
    counter_sales: CounterSales,
    counter_returns: CounterReturns,
    buyers: Buyers,
    tills: Tills,
    payments: Payments,
    wallets: Wallets,
    wallet_entries: WalletEntries,
    credits: Credits,
    cascades: Cascades,
    catalogue_changes: CatalogueChanges,
    invoices: InvoiceTables,
    money_sums: MoneySums,
    sales: Sales,
    promotions: Promotions,
}

impl ReadModels {
    pub fn new() -> Self {
        Self {
            accounts: Accounts::new(),
            reminder_choices: ReminderChoices::default(),
            shows: Shows::new(),
            venues: Venues::new(),
            price_templates: PriceTemplates::new(),
            screens: Screens::new(),
            drafts: Drafts::new(),
            screen_blocks: ScreenBlocks::new(),
            screenings: Screenings::default(),
            cities: Cities::default(),
            city_shows: CityShows::default(),
            seat_maps: SeatMaps::new(),
            bookings: Bookings::new(),
            blocks: Blocks::new(),
            waiting_places: WaitingPlaces::new(),
            booking_notes: BookingNotes::default(),
            ticket_shares: TicketShares::new(),
            counter_sales: CounterSales::new(),
            counter_returns: CounterReturns::new(),
            buyers: Buyers::new(),
            tills: Tills::new(),
            payments: Payments::new(),
            wallets: Wallets::default(),
            wallet_entries: WalletEntries::default(),
            credits: Credits::default(),
            cascades: Cascades::default(),
            catalogue_changes: CatalogueChanges::default(),
            invoices: InvoiceTables::default(),
            money_sums: MoneySums::default(),
            sales: Sales::default(),
            promotions: Promotions::new(),
        }
    }

    /// Stages one event. Events must come in the order of the log.
    ///
    /// # Errors
    ///
    /// [`ProjectError::Inapplicable`].
    pub fn apply(&mut self, recorded: &RecordedEvent) -> Result<(), ProjectError> {
        self.cascades.apply(recorded)?;
        self.catalogue_changes.apply(recorded)?;
        self.booking_notes.apply(recorded);
        match &recorded.event {
            AnyEvent::Account(event) => {
                self.buyers.apply_account(event);
                self.reminder_choices.apply(recorded, event);
                self.accounts.apply(recorded, event)
            }
            AnyEvent::Show(event) => {
                self.screenings.apply_show(recorded, event)?;
                self.shows.apply(recorded, event)
            }
            AnyEvent::Venue(event) => {
                self.cities.apply(event);
                self.screenings.apply_venue(recorded, event)?;
                self.price_templates.apply(recorded, event)?;
                self.venues.apply(recorded, event)
            }
            AnyEvent::Screen(event) => {
                self.screenings.apply_screen(recorded, event)?;
                self.drafts.apply(recorded, event)?;
                self.screen_blocks.apply(recorded, event)?;
                self.screens.apply(recorded, event)
            }
            AnyEvent::Screening(event) => {
                self.screenings.apply(recorded, event)?;
                self.city_shows.apply(recorded, event)?;
                self.seat_maps.apply(recorded, event)?;
                self.blocks.apply(recorded, event)?;
                self.waiting_places.apply(recorded, event)?;
                self.counter_sales.apply_screening(recorded, event)?;
                self.buyers.apply_screening(recorded, event);
                self.bookings.apply_screening(recorded, event)
            }
            AnyEvent::Booking(event) => {
                self.buyers.apply_booking(event);
                self.sales.apply(recorded, event);
                self.ticket_shares.apply(recorded, event)?;
                self.counter_returns.apply(recorded, event);
                self.bookings.apply_booking(recorded, event)?;
                self.counter_sales.apply_booking(recorded, event)?;
                self.payments.apply_booking(recorded, event)
            }
            AnyEvent::Payment(event) => self.payments.apply_payment(recorded, event),
            AnyEvent::Till(event) => self.tills.apply(recorded, event),
            AnyEvent::Invoices(event) => {
                self.invoices.apply(recorded, event);
                Ok(())
            }
            AnyEvent::Promotion(event) => self.promotions.apply(recorded, event),
            AnyEvent::Wallet(event) => {
                self.wallets.apply(recorded, event);
                self.money_sums.apply(event);
                self.wallet_entries.apply(recorded, event);
                self.credits.apply(recorded, event);
                self.payments.apply_wallet(recorded, event)
            }
        }
    }

    /// Writes the staged changes within the transaction of `connection`.
    ///
    /// # Errors
    ///
    /// [`ProjectError::Database`], [`ProjectError::Inapplicable`].
    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        self.accounts.flush(connection).await?;
        self.reminder_choices.flush(connection).await?;
        self.shows.flush(connection).await?;
        self.venues.flush(connection).await?;
        self.price_templates.flush(connection).await?;
        self.screens.flush(connection).await?;
        self.drafts.flush(connection).await?;
        self.screen_blocks.flush(connection).await?;
        self.cities.flush(connection).await?;
        let free = self.seat_maps.flush(connection).await?;
        let moved = self.screenings.flush(connection, &free).await?;
        self.city_shows.flush(connection, moved).await?;
        self.bookings.flush(connection).await?;
        self.blocks.flush(connection).await?;
        self.waiting_places.flush(connection).await?;
        self.booking_notes.flush(connection).await?;
        self.ticket_shares.flush(connection).await?;
        self.counter_sales.flush(connection).await?;
        self.counter_returns.flush(connection).await?;
        self.buyers.flush(connection).await?;
        self.tills.flush(connection).await?;
        self.invoices.flush(connection).await?;
        self.payments.flush(connection, &mut self.money_sums).await?;
        self.wallets.flush(connection, &mut self.money_sums).await?;
        self.money_sums.flush(connection).await?;
        self.sales.flush(connection).await?;
        self.wallet_entries.flush(connection).await?;
        self.credits.flush(connection).await?;
        self.promotions.flush(connection).await?;
        self.cascades.flush(connection).await?;
        self.catalogue_changes.flush(connection).await
    }
}
