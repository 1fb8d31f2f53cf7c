use cost_macros::cost;

#[cost]
fn Scale<b>(x: Act<b>) -> Act<b> {
    println!("{x}");
    scale(x)
}

fn main() {}
