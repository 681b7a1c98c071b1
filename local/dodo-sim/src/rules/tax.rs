//! The tax in an amount.

/// Relation of a price to its tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pricing {
    /// The price includes the tax.
    Inclusive,
    /// The tax is added to the price.
    Exclusive,
}

/// Returns the total that the customer pays and the tax in it, in minor units, rounded half up.
pub fn total_and_tax(amount: i64, pricing: Pricing, percent: u8) -> (i64, i64) {
    let percent = i64::from(percent);
    match pricing {
        Pricing::Inclusive => (amount, (amount * percent * 2 + 100 + percent) / (2 * (100 + percent))),
        Pricing::Exclusive => {
            let tax = (amount * percent * 2 + 100) / 200;
            (amount + tax, tax)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tax_is_part_of_an_inclusive_price_and_on_top_of_another() {
        assert_eq!(total_and_tax(11_800, Pricing::Inclusive, 18), (11_800, 1_800));
        assert_eq!(total_and_tax(10_000, Pricing::Exclusive, 18), (11_800, 1_800));
        assert_eq!(total_and_tax(100, Pricing::Inclusive, 0), (100, 0));
    }
}
