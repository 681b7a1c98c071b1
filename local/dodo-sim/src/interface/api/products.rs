//! `/products`: one-time prices only.

use axum::{
    Json,
    extract::{Path, State},
};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    interface::{
        api::{body::Body, listing::Listing},
        wire,
    },
    refusal::Refusal,
    rules::checking_out::{check_price, checked},
    simulator::Simulator,
    state::{
        book::Entry,
        ids::mint,
        records::{Metadata, Price, Product},
        settings::BRAND_ID,
    },
};

/// The body of `POST /products`.
#[derive(Debug, Deserialize)]
pub struct Request {
    name: Option<String>,
    description: Option<String>,
    price: Price,
    tax_category: TaxCategory,
    metadata: Option<Metadata>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum TaxCategory {
    DigitalProducts,
    Saas,
    EBook,
    Edtech,
    LiveTutoring,
}

impl TaxCategory {
    fn name(&self) -> &'static str {
        match self {
            Self::DigitalProducts => "digital_products",
            Self::Saas => "saas",
            Self::EBook => "e_book",
            Self::Edtech => "edtech",
            Self::LiveTutoring => "live_tutoring",
        }
    }
}

/// Creates a product.
///
/// # Errors
///
/// 422.
pub async fn create(
    State(simulator): State<Simulator>,
    Body(request): Body<Request>,
) -> Result<Json<Value>, Refusal> {
    check_price(&request.price)?;
    let metadata = checked(request.metadata.unwrap_or_default())?;
    simulator.change(|world| {
        let product = Product {
            product_id: mint("pdt"),
            name: request.name,
            description: request.description,
            tax_category: request.tax_category.name().to_owned(),
            price: request.price,
            metadata,
            created_at: world.now(),
        };
        let shown = wire::product(&product);
        world.book.keep(vec![Entry::Product(product)]);
        Ok(Json(shown))
    })
}

/// Returns the products, newest first.
pub async fn list(State(simulator): State<Simulator>, listing: Listing) -> Json<Value> {
    let world = simulator.world();
    let found = world
        .book
        .products()
        .filter(|product| listing.covers(product.created_at) && listing.wants("brand_id", BRAND_ID));
    listing.page(found.collect(), |product| product.created_at, wire::listed_product)
}

/// Returns a product.
///
/// # Errors
///
/// 404.
pub async fn show(
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let world = simulator.world();
    let product = world.book.product(&id).ok_or_else(|| Refusal::not_found("Product"))?;
    Ok(Json(wire::product(product)))
}
