use cost_macros::cost;

#[cost]
unsafe fn Scale<b>(mut x: Act<b>, ref y @ _: Act<b>) -> Act<b> {
    x + y
}

fn main() {}
