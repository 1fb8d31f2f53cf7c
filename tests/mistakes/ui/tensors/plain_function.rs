//! A function that has nothing of an operator stays what it is, with one error.
use cost_macros::cost;

#[cost]
fn add(a: f32, b: f32) -> f32 {
    a + b
}

#[cost]
fn largest<T: Ord + Copy>(of: &[T]) -> Option<T> {
    let mut most = None;
    for one in of {
        if most.is_none_or(|most| *one > most) {
            most = Some(*one);
        }
    }
    most
}

fn main() {
    assert_eq!(add(1.0, 2.0), 3.0);
    assert_eq!(largest(&[1, 2]), Some(2));
}
