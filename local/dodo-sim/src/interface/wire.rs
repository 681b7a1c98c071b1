//! JSON of the provider's API.
//!
//! It contains every field of the provider's published client, so that the client can parse it; null where that is allowed.

use serde_json::{Value, json};

use crate::{
    rules::cards::Card,
    state::{
        book::Book,
        records::{
            About, Customer, Dispute, MovementKind, Notice, Payment, PaymentStatus, Product, Refund,
            RefundStatus, Session,
        },
        settings::{BRAND_ID, BUSINESS_ID},
    },
};

/// Acquirer behind the provider.
const PROVIDER: &str = "dodo";

/// `GET /products/{id}`.
pub fn product(product: &Product) -> Value {
    let Product { product_id, name, description, tax_category, price, metadata, created_at } = product;
    json!({
        "product_id": product_id, "business_id": BUSINESS_ID, "brand_id": BRAND_ID,
        "name": name, "description": description, "image": null, "tax_category": tax_category,
        "price": price, "metadata": metadata, "is_recurring": false, "license_key_enabled": false,
        "credit_entitlements": [], "entitlements": [], "addons": null,
        "created_at": created_at, "updated_at": created_at,
    })
}

/// An item of `GET /products`.
pub fn listed_product(product: &Product) -> Value {
    let Product { product_id, name, description, tax_category, price, metadata, created_at } = product;
    json!({
        "product_id": product_id, "business_id": BUSINESS_ID, "name": name, "description": description, "image": null,
        "tax_category": tax_category, "is_recurring": false, "metadata": metadata, "entitlements": [],
        "price": price.price, "currency": price.currency, "tax_inclusive": price.tax_inclusive, "price_detail": price,
        "created_at": created_at, "updated_at": created_at,
    })
}

/// `GET /checkouts/{id}`.
pub fn session(book: &Book, session: &Session) -> Value {
    let customer = session.customer_id.as_deref().and_then(|id| book.customer(id));
    let payment = session.payment_id.as_deref().and_then(|id| book.payment(id));
    json!({
        "id": session.session_id, "created_at": session.created_at,
        "customer_email": customer.map(|customer| &customer.email),
        "customer_name": customer.map(|customer| &customer.name),
        "payment_id": session.payment_id,
        "payment_status": payment.map(|payment| payment.status.name()),
    })
}

/// `GET /payments/{id}`.
pub fn payment(book: &Book, payment: &Payment) -> Value {
    let refunds: Vec<Value> = book.refunds_of(&payment.payment_id).map(listed_refund).collect();
    let disputes: Vec<Value> =
        book.disputes_of(&payment.payment_id).map(|found| brief_dispute(book, found)).collect();
    let cart: Vec<Value> = payment
        .lines
        .iter()
        .map(|line| json!({"product_id": line.product_id, "quantity": line.quantity}))
        .collect();
    let decline = payment.decline.as_ref().filter(|_| ended(payment.status));
    let mut shown = listed_payment(book, payment);
    merge(
        &mut shown,
        json!({
            "business_id": BUSINESS_ID, "billing": payment.billing,
            "tax": payment.tax, "settlement_amount": payment.total_amount, "settlement_tax": payment.tax,
            "settlement_currency": payment.currency, "product_cart": cart, "refunds": refunds, "disputes": disputes,
            "error_code": decline.map(|decline| &decline.code), "error_message": decline.map(|decline| &decline.message),
            "is_update_payment_method": false, "card_holder_name": null, "card_issuing_country": null,
            "payment_method_id": null, "payment_link": null, "discount_id": null, "discounts": null,
            "custom_field_responses": null, "updated_at": payment.updated_at,
        }),
    );
    shown
}

/// An item of `GET /payments`.
pub fn listed_payment(book: &Book, payment: &Payment) -> Value {
    let card = payment.card.as_ref();
    let dispute = book.disputes_of(&payment.payment_id).last();
    json!({
        "payment_id": payment.payment_id, "brand_id": BRAND_ID, "created_at": payment.created_at,
        "currency": payment.currency, "total_amount": payment.total_amount, "status": payment.status.name(),
        "customer": customer(book, &payment.customer_id), "metadata": payment.metadata,
        "checkout_session_id": payment.session_id, "payment_provider": PROVIDER, "retry_attempt": payment.retry_attempt,
        "payment_method": card.map(|_| "card"), "payment_method_type": card.map(|_| "debit"),
        "card_last_four": card.map(Card::last_four), "card_network": card.map(Card::network),
        "card_type": card.map(|_| "debit"), "card_exp_month": card.map(|_| "06"), "card_exp_year": card.map(|_| "2032"),
        "refund_status": refund_status(book, payment),
        "dispute_status": dispute.map(|dispute| dispute.status.name()),
        "digital_products_delivered": false, "has_license_key": false, "includes_usage": false,
        "is_multi_subscription": false, "service_periods": [], "subscription_ids": [], "subscription_id": null,
        "invoice_id": null, "invoice_url": null, "charge_type": null,
        "three_ds_flow": null, "three_ds_status": null, "three_ds_version": null,
    })
}

/// `GET /payments/{id}/line-items`; `left` is the refundable amount of a product.
pub fn line_items(payment: &Payment, left: impl Fn(&str) -> i64) -> Value {
    let items = payment.lines.iter().map(|line| {
        json!({
            "items_id": line.product_id, "name": line.name, "description": null, "amount": line.amount, "tax": line.tax,
            "refundable_amount": left(&line.product_id),
        })
    });
    json!({
        "currency": payment.currency, "items": items.collect::<Vec<_>>(),
        "partial_refund_allowed": payment.status == PaymentStatus::Succeeded,
    })
}

/// `POST /refunds`, `GET /refunds/{id}`.
pub fn refund(book: &Book, refund: &Refund) -> Value {
    let payer = book.payment(&refund.payment_id).map(|payment| customer(book, &payment.customer_id));
    let mut shown = listed_refund(refund);
    merge(&mut shown, json!({"brand_id": BRAND_ID, "customer": payer, "metadata": refund.metadata}));
    shown
}

/// An item of `GET /refunds`, and of a payment's `refunds`.
pub fn listed_refund(refund: &Refund) -> Value {
    json!({
        "refund_id": refund.refund_id, "payment_id": refund.payment_id, "business_id": BUSINESS_ID,
        "status": refund.status.name(), "amount": refund.amount, "currency": refund.currency,
        "is_partial": refund.is_partial, "reason": refund.reason, "created_at": refund.created_at,
        "network_reference": null, "network_reference_type": null, "network_reference_updated_at": null,
    })
}

/// `GET /disputes/{id}`.
pub fn dispute(book: &Book, dispute: &Dispute) -> Value {
    let payer = book.payment(&dispute.payment_id).map(|payment| customer(book, &payment.customer_id));
    let mut shown = brief_dispute(book, dispute);
    merge(
        &mut shown,
        json!({"brand_id": BRAND_ID, "customer": payer, "payment_provider": PROVIDER, "reason": "fraudulent"}),
    );
    shown
}

/// An item of `GET /disputes`.
pub fn listed_dispute(book: &Book, dispute: &Dispute) -> Value {
    let mut shown = brief_dispute(book, dispute);
    merge(&mut shown, json!({"payment_provider": PROVIDER}));
    shown
}

/// A dispute in a payment's `disputes`. Its amount is a string.
fn brief_dispute(book: &Book, dispute: &Dispute) -> Value {
    json!({
        "dispute_id": dispute.dispute_id, "payment_id": dispute.payment_id, "business_id": BUSINESS_ID,
        "amount": dispute.amount.to_string(),
        "currency": book.payment(&dispute.payment_id).map(|payment| &payment.currency),
        "dispute_stage": "dispute", "dispute_status": dispute.status.name(), "created_at": dispute.created_at,
        "remarks": null, "is_resolved_by_rdr": false,
    })
}

/// Body of a notice, with the current state of its subject, not the one at the time of the occurrence.
pub fn notice(book: &Book, notice: &Notice) -> Value {
    let (payload_type, mut data) = match &notice.about {
        About::Payment(id) => ("Payment", book.payment(id).map(|found| payment(book, found))),
        About::Refund(id) => ("Refund", book.refund(id).map(|found| refund(book, found))),
        About::Dispute(id) => ("Dispute", book.dispute(id).map(|found| dispute(book, found))),
    };
    if let Some(data) = &mut data {
        merge(data, json!({"payload_type": payload_type}));
    }
    json!({"business_id": BUSINESS_ID, "type": notice.kind, "timestamp": notice.happened_at, "data": data})
}

fn customer(book: &Book, id: &str) -> Value {
    match book.customer(id) {
        Some(Customer { customer_id, email, name, phone_number }) => json!({
            "customer_id": customer_id, "email": email, "name": name, "phone_number": phone_number, "metadata": {},
        }),
        None => Value::Null,
    }
}

/// Extent of the refunds that did not fail: `full`, `partial` or `None`.
fn refund_status(book: &Book, payment: &Payment) -> Option<&'static str> {
    let refunds =
        book.refunds_of(&payment.payment_id).filter(|refund| refund.status == RefundStatus::Succeeded);
    let returned: i64 = refunds.map(|refund| refund.amount).sum();
    match returned {
        0 => None,
        all if all >= payment.total_amount => Some("full"),
        _ => Some("partial"),
    }
}

fn ended(status: PaymentStatus) -> bool {
    match status {
        PaymentStatus::Succeeded | PaymentStatus::Failed | PaymentStatus::Cancelled => true,
        PaymentStatus::RequiresPaymentMethod | PaymentStatus::Processing => false,
    }
}

/// Adds the fields of `more` to those of `object`.
pub fn merge(object: &mut Value, more: Value) {
    if let (Value::Object(object), Value::Object(more)) = (object, more) {
        object.extend(more);
    }
}

/// `capture`, `refund`, `chargeback`.
pub fn movement_name(kind: MovementKind) -> &'static str {
    match kind {
        MovementKind::Capture => "capture",
        MovementKind::Refund => "refund",
        MovementKind::Chargeback => "chargeback",
    }
}
