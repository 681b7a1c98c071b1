//! Division of amounts into whole minor units, so that the parts always add up to the whole.

use super::TaxRate;

/// Hundredths of a percent in a whole.
const WHOLE: i128 = 10_000;

/// Tax of one rate that is included in an amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxShare<'a> {
    /// The rate.
    pub rate: &'a TaxRate,
    /// Tax in minor units.
    pub amount_minor: i64,
}

/// Divides an amount by weights. Each part is the exact one, rounded down or up; those with the largest remainders, and the first
/// of equal ones, are rounded up. Without any weight, all parts are zero.
#[must_use]
pub fn distribute(amount_minor: i64, weights: &[i64]) -> Vec<i64> {
    let weight: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if weight <= 0 {
        return vec![0; weights.len()];
    }
    let exact = |part: &i64| i128::from(amount_minor) * i128::from(*part);
    let whole = |part: i128| i64::try_from(part).unwrap_or_default();
    let mut parts: Vec<i64> = weights.iter().map(|part| whole(exact(part).div_euclid(weight))).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(exact(&weights[*at]).rem_euclid(weight)));
    let left = amount_minor - parts.iter().sum::<i64>();
    for at in order.into_iter().take(usize::try_from(left).unwrap_or_default()) {
        parts[at] += 1;
    }
    parts
}

/// Returns the tax included in an amount, by rate. The sum is rounded to the nearest minor unit, halves up, and then divided by the
/// rates, so that the shares and the amount without tax add up to the amount.
#[must_use]
pub fn tax_shares(amount_minor: i64, rates: &[TaxRate]) -> Vec<TaxShare<'_>> {
    let weights: Vec<i64> = rates.iter().map(|rate| i64::from(rate.percent_hundredths)).collect();
    let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    let gross = WHOLE + sum;
    let tax = (i128::from(amount_minor) * sum * 2 + gross).div_euclid(gross * 2);
    let parts = distribute(i64::try_from(tax).unwrap_or_default(), &weights);
    rates.iter().zip(parts).map(|(rate, amount_minor)| TaxShare { rate, amount_minor }).collect()
}
