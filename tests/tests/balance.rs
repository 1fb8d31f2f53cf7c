//! Where intensities meet ridge points.

use cost_core::balance::{Balance, balance};
use cost_core::expr::{Expr, Ratio, Rational};

const X: u16 = 0;
const FROM_ONE: (f64, f64) = (1.0, f64::INFINITY);

fn ratio(above: &[i128], below: &[i128]) -> Ratio {
    let polynomial = |coefficients: &[i128]| {
        let mut sum = Expr::default();
        for (power, value) in coefficients.iter().enumerate() {
            let mut term = Expr::constant(Rational::int(*value));
            for _ in 0..power {
                term = term.mul(&Expr::axis(X)).unwrap();
            }
            sum = sum.add(&term).unwrap();
        }
        sum
    };
    Ratio::new(&polynomial(above), &polynomial(below)).unwrap()
}

fn check(found: Balance, expected: f64) {
    let at = found.at().unwrap_or_else(|| panic!("{found:?}, expected {expected}"));
    assert!((at - expected).abs() <= 1e-12 * expected, "{found:?}, expected {expected}");
}

#[test]
fn quotients_of_low_degree_are_solved_exactly() {
    // Document 000: 512·s / (s + 64) meets 148/4 = 37 at 37·64/475, and 989/3.35 at 64·r/(512 − r).
    let gqa = ratio(&[0, 512], &[64, 1]);
    check(balance(&gqa, X, 37.0, FROM_ONE), 37.0 * 64.0 / 475.0);
    let ridge = 989.0 / 3.35;
    check(balance(&gqa, X, ridge, FROM_ONE), 64.0 * ridge / (512.0 - ridge));
    assert!(matches!(balance(&gqa, X, ridge, FROM_ONE), Balance::Exact(_)));
    // x²/(x + 12) = 4 at x = 2 + √52.
    check(balance(&ratio(&[0, 0, 1], &[12, 1]), X, 4.0, FROM_ONE), 2.0 + 52.0_f64.sqrt());
}

#[test]
fn an_intensity_that_stays_below_never_meets_the_ridge() {
    // It tends to 512.
    let gqa = ratio(&[0, 512], &[64, 1]);
    assert_eq!(balance(&gqa, X, 512.0, FROM_ONE), Balance::Never);
    // It would at 87.2, but can't be more than 64.
    assert_eq!(balance(&gqa, X, 989.0 / 3.35, (1.0, 64.0)), Balance::Never);
}

#[test]
fn an_intensity_that_starts_above_is_said_to() {
    assert_eq!(balance(&ratio(&[100], &[0, 1]), X, 37.0, FROM_ONE), Balance::Start);
    // 512·s/(s + 64) is above 37 from 4.985 on.
    assert_eq!(balance(&ratio(&[0, 512], &[64, 1]), X, 37.0, (5.0, f64::INFINITY)), Balance::Start);
}

#[test]
fn other_forms_are_bracketed() {
    // min(x, 100)/2 meets 40 at 80, and never 60.
    let least = Expr::axis(X).smaller(&Expr::int(100)).unwrap();
    let intensity = Ratio::new(&least, &Expr::int(2)).unwrap();
    let found = balance(&intensity, X, 40.0, FROM_ONE);
    assert!(matches!(found, Balance::Bracketed(_)), "{found:?}");
    check(found, 80.0);
    assert_eq!(balance(&intensity, X, 60.0, FROM_ONE), Balance::Never);
    // x³/1000 meets 27 at 30.
    check(balance(&ratio(&[0, 0, 0, 1], &[1000]), X, 27.0, FROM_ONE), 30.0);
}
