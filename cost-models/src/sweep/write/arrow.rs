//! Rows as Arrow record batches, and these as IPC and Parquet files.

use std::io::Write;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int32Array, RecordBatch, StringArray, UInt64Array,
};
use arrow_ipc::writer::FileWriter;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;

use super::super::column::{Column, Kind};
use super::super::error::Error;
use super::super::grid::Sweep;
use super::super::rows::{Rows, Values};
use super::super::run::threads;

/// What a sweep's batches are made of: fields, and all names of each column of names.
pub(super) struct Layout {
    pub(super) schema: SchemaRef,
    names: Vec<ArrayRef>,
}

impl Layout {
    pub(super) fn new(sweep: &Sweep, columns: &[Column]) -> Self {
        let fields: Vec<Field> = columns.iter().map(|column| field(*column)).collect();
        let names = columns.iter().map(|column| Arc::new(StringArray::from(sweep.names(*column))) as ArrayRef);
        Self { schema: Arc::new(Schema::new(fields)), names: names.collect() }
    }

    /// Rows as a batch.
    pub(super) fn batch(&self, rows: Rows) -> Result<RecordBatch, Error> {
        let columns = rows.columns.into_iter().zip(&self.names).map(|((_, values), names)| array(values, names));
        RecordBatch::try_new(Arc::clone(&self.schema), columns.collect::<Result<_, _>>()?).map_err(failed)
    }
}

/// The names that values have.
pub(in crate::sweep) fn names(values: &Values) -> ArrayRef {
    match values {
        Values::Text { names, .. } => Arc::new(StringArray::from_iter_values(names)),
        _ => Arc::new(StringArray::new_null(0)),
    }
}

/// A column's name and type.
pub(in crate::sweep) fn field(column: Column) -> Field {
    let kind = match column.kind() {
        Kind::Text => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
        Kind::Whole => DataType::UInt64,
        Kind::Number => DataType::Float64,
        Kind::Truth => DataType::Boolean,
    };
    Field::new(column.name(), kind, false)
}

/// Values as an array, whose names are among `all`.
pub(in crate::sweep) fn array(values: Values, all: &ArrayRef) -> Result<ArrayRef, Error> {
    Ok(match values {
        Values::Whole(values) => Arc::new(UInt64Array::from(values)),
        Values::Number(values) => Arc::new(Float64Array::from(values)),
        Values::Truth(values) => Arc::new(BooleanArray::from(values)),
        Values::Text { names, rows } => {
            let known = arrow_array::cast::AsArray::as_string::<i32>(all);
            // Files share one list of names, whatever the order of those of some rows.
            let place = |name: &String| known.iter().position(|it| it == Some(name.as_str())).unwrap_or(0);
            let places: Vec<i32> = names.iter().map(|name| i32::try_from(place(name)).unwrap_or(0)).collect();
            let keys: Int32Array = rows.iter().map(|row| Some(places[*row as usize])).collect();
            Arc::new(DictionaryArray::<Int32Type>::try_new(keys, Arc::clone(all)).map_err(failed)?)
        }
    })
}

/// An IPC file to be written.
pub(super) fn file<W: Write>(to: W, layout: &Layout) -> Result<FileWriter<W>, Error> {
    FileWriter::try_new(to, &layout.schema).map_err(failed)
}

/// A Parquet file to be written.
pub(super) struct ParquetFile<W: Write + Send> {
    schema: SchemaRef,
    writer: SerializedFileWriter<W>,
    groups: ArrowRowGroupWriterFactory,
    /// What is not in a row group yet.
    waiting: Vec<RecordBatch>,
    /// A row group that is not in the file yet.
    encoded: Vec<ArrowColumnChunk>,
}

/// Rows of a group: enough that a reader can skip whole groups cheaply, few enough that one takes little memory.
const GROUP: usize = 1 << 18;

impl<W: Write + Send> ParquetFile<W> {
    pub(super) fn new(to: W, layout: &Layout) -> Result<Self, Error> {
        let schema = Arc::clone(&layout.schema);
        let mut properties = WriterProperties::builder().set_statistics_enabled(EnabledStatistics::Chunk);
        for field in schema.fields().iter().filter(|field| *field.data_type() == DataType::Float64) {
            // Hardly any two counts are the same.
            properties = properties.set_column_dictionary_enabled(ColumnPath::from(field.name().as_str()), false);
        }
        let properties = Arc::new(properties.build());
        let root = ArrowSchemaConverter::new().convert(&schema).map_err(parquet_failed)?.root_schema_ptr();
        let writer = SerializedFileWriter::new(to, root, properties).map_err(parquet_failed)?;
        let groups = ArrowRowGroupWriterFactory::new(&writer, Arc::clone(&schema));
        Ok(Self { schema, writer, groups, waiting: Vec::new(), encoded: Vec::new() })
    }

    pub(super) fn write(&mut self, batch: RecordBatch) -> Result<(), Error> {
        self.waiting.push(batch);
        if self.waiting.iter().map(RecordBatch::num_rows).sum::<usize>() >= GROUP { self.flush() } else { Ok(()) }
    }

    pub(super) fn finish(mut self) -> Result<(), Error> {
        if self.waiting.iter().any(|batch| batch.num_rows() > 0) {
            self.flush()?;
        }
        append(&mut self.writer, self.encoded)?;
        self.writer.close().map(drop).map_err(parquet_failed)
    }

    /// Makes what waits a row group, its columns encoded on all threads while the one before is written.
    fn flush(&mut self) -> Result<(), Error> {
        let columns = self.groups.create_column_writers(0).map_err(parquet_failed)?;
        let (schema, batches, writer) = (&self.schema, &self.waiting, &mut self.writer);
        let column = |(i, column)| encoded(column, schema.field(i), i, batches).map_err(parquet_failed);
        let before = core::mem::take(&mut self.encoded);
        let (written, group) = threads::join(
            || append(writer, before),
            || threads::map_owned(columns.into_iter().enumerate().collect(), &column),
        );
        written?;
        self.encoded = group?;
        self.waiting.clear();
        Ok(())
    }
}

/// Writes a row group, if there is one.
fn append<W: Write + Send>(writer: &mut SerializedFileWriter<W>, columns: Vec<ArrowColumnChunk>) -> Result<(), Error> {
    if columns.is_empty() {
        return Ok(());
    }
    let mut group = writer.next_row_group().map_err(parquet_failed)?;
    for column in columns {
        column.append_to_row_group(&mut group).map_err(parquet_failed)?;
    }
    group.close().map(drop).map_err(parquet_failed)
}

/// One column of some batches.
fn encoded(
    mut writer: ArrowColumnWriter,
    field: &Field,
    column: usize,
    batches: &[RecordBatch],
) -> Result<ArrowColumnChunk, ParquetError> {
    for batch in batches {
        for leaf in compute_leaves(field, batch.column(column))? {
            writer.write(&leaf)?;
        }
    }
    writer.close()
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` gives")]
pub(in crate::sweep) fn failed(error: ArrowError) -> Error {
    Error::Output { path: "Arrow".to_owned(), reason: error.to_string() }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` gives")]
fn parquet_failed(error: ParquetError) -> Error {
    Error::Output { path: "Parquet".to_owned(), reason: error.to_string() }
}
