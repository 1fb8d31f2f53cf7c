//! Arrays, and views of them by named axes.

use super::memory::Life;
use crate::op::{Role, Shape};

/// An array in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// The sizes of its axes, in the order of its declaration.
    pub sizes: Vec<usize>,
    /// Its elements.
    pub data: Vec<f64>,
}

impl Array {
    /// An array of zeros.
    pub fn zeros(sizes: Vec<usize>) -> Self {
        let data = vec![0.0; sizes.iter().product()];
        Self { sizes, data }
    }
}

/// Memory that holds the elements of one value.
#[derive(Clone)]
pub(super) struct Buffer {
    pub(super) data: Vec<f64>,
    pub(super) role: Role,
    /// The run of a kernel on whose chip it is; nothing if it is in memory.
    pub(super) run: Option<usize>,
    /// Which of its elements exist under the mask of the operator that computes it.
    pub(super) exists: Vec<bool>,
    /// FLOPs to widen one element.
    pub(super) dequant: u64,
    /// Whether it stands for what isn't there: then nothing is loaded.
    pub(super) padding: bool,
    /// When how much of it is in memory, if it is an activation.
    pub(super) life: Life,
}

impl Buffer {
    /// Numbers that are in memory from the start.
    pub(super) fn given(data: Vec<f64>, role: Role, dequant: u64) -> Self {
        let exists = vec![true; data.len()];
        Self { data, role, run: None, exists, dequant, padding: false, life: Life::default() }
    }

    /// Zeros in the place of an activation that there isn't.
    pub(super) fn padding(len: usize) -> Self {
        Self { padding: true, ..Self::given(vec![0.0; len], Role::Act, 0) }
    }
}

/// A buffer seen through an operator's axes. One axis may be several of the buffer's, flattened.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) buffer: usize,
    pub(super) offset: usize,
    pub(super) axes: Vec<(u8, Vec<Part>)>,
    /// Whether it was taken after the kernel that computes the buffer, which then stored all of it.
    pub(super) later: bool,
    /// Whether a rank of a mesh goes on with zeros in its place, as another has it.
    pub(super) zero: bool,
}

/// Part of an axis: how many positions it has, and how far apart they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) size: usize,
    pub(super) stride: usize,
}

impl View {
    /// A view of a whole buffer in row-major order.
    pub(super) fn whole(buffer: usize, axes: &[u8], sizes: &[usize]) -> Self {
        let mut stride = 1;
        let mut parts: Vec<(u8, Vec<Part>)> = Vec::new();
        for axis in axes.iter().rev() {
            let size = sizes[usize::from(*axis)];
            parts.push((*axis, vec![Part { size, stride }]));
            stride *= size;
        }
        parts.reverse();
        Self { buffer, offset: 0, axes: parts, later: false, zero: false }
    }

    /// The place in the buffer of the element at these positions, one for each axis of the operator.
    pub(super) fn at(&self, index: &[usize]) -> usize {
        let mut place = self.offset;
        for (axis, parts) in &self.axes {
            let mut position = index[usize::from(*axis)];
            for part in parts.iter().rev() {
                // Windows begin before the axis does; what is really there is within it.
                place = place.wrapping_add(position % part.size * part.stride);
                position /= part.size;
            }
        }
        place
    }

    /// The places in the buffer of all elements.
    pub(super) fn places(&self) -> Vec<usize> {
        let mut places = vec![self.offset];
        for part in self.axes.iter().flat_map(|(_, parts)| parts) {
            places = places.iter().flat_map(|at| (0..part.size).map(move |i| at + i * part.stride)).collect();
        }
        places
    }

    pub(super) fn shape(&self) -> Shape {
        let axes: Vec<u8> = self.axes.iter().map(|(axis, _)| *axis).collect();
        Shape::of(&axes)
    }

    /// How many positions of an axis there are to see; nothing if it isn't there.
    pub(super) fn size(&self, axis: u8) -> Option<usize> {
        let own = self.axes.iter().find(|(own, _)| *own == axis);
        own.map(|(_, parts)| parts.iter().map(|part| part.size).product())
    }

    pub(super) fn parts(&self, axis: u8) -> Vec<Part> {
        self.axes.iter().find(|(own, _)| *own == axis).map_or_else(Vec::new, |(_, parts)| parts.clone())
    }

    /// The view at one position of an axis, which is then of size 1.
    pub(super) fn fixed(&self, axis: u8, position: usize) -> Self {
        let mut view = self.clone();
        for (own, parts) in &mut view.axes {
            if *own == axis {
                let mut rest = position;
                for part in parts.iter().rev() {
                    view.offset += rest % part.size * part.stride;
                    rest /= part.size;
                }
                *parts = vec![Part { size: 1, stride: 0 }];
            }
        }
        view
    }
}
