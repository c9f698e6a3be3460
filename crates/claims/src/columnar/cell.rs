//! Values of typed columns as the text that a field is read from.

use crate::Field;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type,
    DecimalType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, PrimitiveArray};
use arrow_schema::{DataType, TimeUnit};
use codes::Date;
use std::io::Write as _;
use std::ops::Range;

/// What stands in a column at a row.
pub(super) enum Text<'a> {
    /// Nothing.
    Absent,
    /// A text, trimmed and not empty.
    Is(&'a [u8]),
    /// Bytes that are not UTF-8, the first at this place.
    NotUtf8(usize),
}

/// A column of a batch, ready to be asked for the text of a row.
pub(super) enum Cell<'a> {
    /// Nothing at any row.
    Empty,
    /// Text, and whether the array itself vouches that it is UTF-8.
    Bytes { array: &'a dyn Array, bytes: Box<dyn Fn(usize) -> &'a [u8] + 'a>, checked: bool },
    /// Another scalar, which is written out.
    Number { array: &'a dyn Array, write: Write<'a> },
    /// Numbers of the values.
    Dictionary { array: &'a dyn Array, keys: Vec<usize>, values: Box<Cell<'a>> },
    /// One element of a list, or all of them with colons between.
    List {
        array: &'a dyn Array,
        range: Ranges<'a>,
        values: Box<Cell<'a>>,
        element: Option<usize>,
        /// What stands for a null among other elements.
        null: &'static str,
    },
}

/// Where the elements of each row's list stand among the values of all.
pub(super) type Ranges<'a> = Box<dyn Fn(usize) -> Range<usize> + 'a>;

/// Writes what stands at a row.
type Write<'a> = Box<dyn Fn(usize, &mut Vec<u8>) + 'a>;

/// The lists of an array, of whichever kind, and their values.
pub(super) fn lists(array: &dyn Array) -> Option<(Ranges<'_>, &dyn Array)> {
    match array.data_type() {
        DataType::List(_) => {
            let lists = array.as_list_opt::<i32>()?;
            let offsets = lists.value_offsets();
            Some((Box::new(move |row| offsets[row] as usize..offsets[row + 1] as usize), lists.values().as_ref()))
        }
        DataType::LargeList(_) => {
            let lists = array.as_list_opt::<i64>()?;
            let offsets = lists.value_offsets();
            Some((Box::new(move |row| offsets[row] as usize..offsets[row + 1] as usize), lists.values().as_ref()))
        }
        DataType::FixedSizeList(_, _) => {
            let lists = array.as_fixed_size_list_opt()?;
            let range = |row: usize| {
                let start = lists.value_offset_at(row);
                start..start + lists.value_length() as usize
            };
            Some((Box::new(range), lists.values().as_ref()))
        }
        _ => None,
    }
}

/// What a float stands for, which says how many decimals it can mean.
#[derive(Clone, Copy)]
enum Decimals {
    At(i32),
    Any,
}

fn decimals_of(field: Option<Field>) -> Decimals {
    match field {
        Some(Field::ClaimTotal | Field::Charge | Field::PaidAmount) => Decimals::At(2),
        Some(Field::Units | Field::NdcQuantity) => Decimals::At(3),
        _ => Decimals::Any,
    }
}

/// What keeps a column of this type from being read as this field, and what to do about it.
pub(super) fn fault(data_type: &DataType, field: Option<Field>) -> Option<String> {
    let may_be_list = |field| {
        matches!(
            field,
            Field::DxPointers
                | Field::ConditionCodes
                | Field::Diagnosis(_)
                | Field::Modifier(_)
                | Field::RelatedCauses
                | Field::ReasonsForVisit
                | Field::ExternalCauses
                | Field::PresentOnAdmission
                | Field::DxVersions
                | Field::InpatientProcedures
                | Field::OccurrenceCodes
                | Field::ValueCodes
                | Field::OtherPayers
                | Field::ToothCodes
        )
    };
    match data_type {
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            if !field.is_some_and(may_be_list) {
                return Some("is a list, and the field is one value: give one value a row".to_owned());
            }
            match item.data_type() {
                list if list.is_nested() => Some("is a list of lists or structs: give a list of texts".to_owned()),
                scalar => fault(scalar, field),
            }
        }
        DataType::Dictionary(_, values) => match &**values {
            nested if nested.is_nested() => Some("is a dictionary of lists or structs: give texts".to_owned()),
            scalar => fault(scalar, field),
        },
        DataType::Timestamp(_, Some(zone)) if offset(zone).is_none() => {
            Some(format!("is a time in zone {zone}, where its day is not known here: give it as a date"))
        }
        other if Cell::takes(other) => None,
        other => Some(format!("is of type {other}, which is not read: give text, a date or a number")),
    }
}

impl<'a> Cell<'a> {
    /// The cells of a column that is read as this field; with `element`, of that element of its lists.
    pub(super) fn new(array: &'a dyn Array, field: Option<Field>, element: Option<usize>) -> Cell<'a> {
        if array.is_empty() {
            return Cell::Empty;
        }
        match array.data_type() {
            DataType::Utf8 => Cell::text(array, array.as_string_opt::<i32>(), |array, row| array.value(row).as_bytes()),
            DataType::LargeUtf8 => {
                Cell::text(array, array.as_string_opt::<i64>(), |array, row| array.value(row).as_bytes())
            }
            DataType::Utf8View => {
                Cell::text(array, array.as_string_view_opt(), |array, row| array.value(row).as_bytes())
            }
            DataType::Binary => Cell::bytes(array, array.as_binary_opt::<i32>(), |array, row| array.value(row)),
            DataType::LargeBinary => Cell::bytes(array, array.as_binary_opt::<i64>(), |array, row| array.value(row)),
            DataType::BinaryView => Cell::bytes(array, array.as_binary_view_opt(), |array, row| array.value(row)),
            DataType::FixedSizeBinary(_) => {
                Cell::bytes(array, array.as_fixed_size_binary_opt(), |array, row| array.value(row))
            }
            DataType::Int8 => Cell::whole::<Int8Type>(array),
            DataType::Int16 => Cell::whole::<Int16Type>(array),
            DataType::Int32 => Cell::whole::<Int32Type>(array),
            DataType::Int64 => Cell::whole::<Int64Type>(array),
            DataType::UInt8 => Cell::whole::<UInt8Type>(array),
            DataType::UInt16 => Cell::whole::<UInt16Type>(array),
            DataType::UInt32 => Cell::whole::<UInt32Type>(array),
            DataType::UInt64 => Cell::whole::<UInt64Type>(array),
            DataType::Float32 => {
                Cell::number::<Float32Type>(array, move |value, out| float(value.into(), 1e-6, decimals_of(field), out))
            }
            DataType::Float64 => {
                Cell::number::<Float64Type>(array, move |value, out| float(value, 1e-12, decimals_of(field), out))
            }
            DataType::Decimal32(_, scale) => Cell::decimal::<Decimal32Type>(array, *scale),
            DataType::Decimal64(_, scale) => Cell::decimal::<Decimal64Type>(array, *scale),
            DataType::Decimal128(_, scale) => Cell::decimal::<Decimal128Type>(array, *scale),
            DataType::Decimal256(_, scale) => Cell::decimal::<Decimal256Type>(array, *scale),
            DataType::Date32 => Cell::number::<Date32Type>(array, |days, out| day(days.into(), out)),
            DataType::Date64 => Cell::number::<Date64Type>(array, |at, out| day(at.div_euclid(86_400_000), out)),
            DataType::Timestamp(unit, zone) => {
                let offset = zone.as_deref().map_or(Some(0), offset).unwrap_or_default();
                match unit {
                    TimeUnit::Second => Cell::time::<TimestampSecondType>(array, 1, offset),
                    TimeUnit::Millisecond => Cell::time::<TimestampMillisecondType>(array, 1_000, offset),
                    TimeUnit::Microsecond => Cell::time::<TimestampMicrosecondType>(array, 1_000_000, offset),
                    TimeUnit::Nanosecond => Cell::time::<TimestampNanosecondType>(array, 1_000_000_000, offset),
                }
            }
            DataType::Boolean => match array.as_boolean_opt() {
                Some(flags) => Cell::Number {
                    array,
                    write: Box::new(move |row, out| out.push(if flags.value(row) { b'Y' } else { b'N' })),
                },
                None => Cell::Empty,
            },
            DataType::Dictionary(_, _) => match array.as_any_dictionary_opt() {
                Some(dictionary) if !dictionary.values().is_empty() => Cell::Dictionary {
                    array,
                    keys: dictionary.normalized_keys(),
                    values: Box::new(Cell::new(dictionary.values().as_ref(), field, None)),
                },
                _ => Cell::Empty,
            },
            DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(_, _) => match lists(array) {
                Some((range, values)) => Cell::List {
                    array,
                    range,
                    values: Box::new(Cell::new(values, field, None)),
                    element,
                    null: if field == Some(Field::PresentOnAdmission) { "-" } else { "" },
                },
                None => Cell::Empty,
            },
            _ => Cell::Empty,
        }
    }

    /// Whether a column of this type can be read, lists and dictionaries aside.
    fn takes(data_type: &DataType) -> bool {
        matches!(
            data_type,
            DataType::Null
                | DataType::Utf8
                | DataType::LargeUtf8
                | DataType::Utf8View
                | DataType::Binary
                | DataType::LargeBinary
                | DataType::BinaryView
                | DataType::FixedSizeBinary(_)
                | DataType::Boolean
                | DataType::Float32
                | DataType::Float64
                | DataType::Decimal32(_, _)
                | DataType::Decimal64(_, _)
                | DataType::Decimal128(_, _)
                | DataType::Decimal256(_, _)
                | DataType::Date32
                | DataType::Date64
                | DataType::Timestamp(_, _)
        ) || data_type.is_integer()
    }

    fn text<T>(array: &'a dyn Array, typed: Option<&'a T>, value: fn(&'a T, usize) -> &'a [u8]) -> Cell<'a> {
        typed.map_or(Cell::Empty, |typed| Cell::Bytes {
            array,
            bytes: Box::new(move |row| value(typed, row)),
            checked: true,
        })
    }

    fn bytes<T>(array: &'a dyn Array, typed: Option<&'a T>, value: fn(&'a T, usize) -> &'a [u8]) -> Cell<'a> {
        typed.map_or(Cell::Empty, |typed| Cell::Bytes {
            array,
            bytes: Box::new(move |row| value(typed, row)),
            checked: false,
        })
    }

    fn number<T: ArrowPrimitiveType>(array: &'a dyn Array, write: impl Fn(T::Native, &mut Vec<u8>) + 'a) -> Cell<'a> {
        let typed: Option<&PrimitiveArray<T>> = array.as_primitive_opt::<T>();
        typed.map_or(Cell::Empty, |typed| Cell::Number {
            array,
            write: Box::new(move |row, out| write(typed.value(row), out)),
        })
    }

    fn whole<T: ArrowPrimitiveType>(array: &'a dyn Array) -> Cell<'a>
    where
        T::Native: std::fmt::Display,
    {
        Cell::number::<T>(array, |value, out| put(format_args!("{value}"), out))
    }

    fn decimal<T: DecimalType>(array: &'a dyn Array, scale: i8) -> Cell<'a>
    where
        T::Native: std::fmt::Display,
    {
        Cell::number::<T>(array, move |value, out| {
            let at = out.len();
            put(format_args!("{value}"), out);
            point(out, at, scale);
        })
    }

    /// Times of so many units a second, `offset` seconds ahead of UTC.
    fn time<T: ArrowPrimitiveType<Native = i64>>(array: &'a dyn Array, units: i64, offset: i64) -> Cell<'a> {
        Cell::number::<T>(array, move |at, out| {
            let seconds = at.div_euclid(units).saturating_add(offset);
            day(seconds.div_euclid(86_400), out);
        })
    }

    fn array(&self) -> Option<&'a dyn Array> {
        match self {
            Cell::Empty => None,
            Cell::Bytes { array, .. }
            | Cell::Number { array, .. }
            | Cell::Dictionary { array, .. }
            | Cell::List { array, .. } => Some(*array),
        }
    }

    /// Whether there is something at the row; never where the column has no such row.
    fn is_given(&self, row: usize) -> bool {
        self.array().is_some_and(|array| row < array.len() && !array.is_null(row))
    }

    /// The text at a row; what is not a text is written to `scratch`.
    pub(super) fn text_at<'s>(&'s self, row: usize, scratch: &'s mut Vec<u8>) -> Text<'s> {
        if !self.is_given(row) {
            return Text::Absent;
        }
        let (text, checked) = match self {
            Cell::Empty => return Text::Absent,
            Cell::Bytes { bytes, checked, .. } => (bytes(row), *checked),
            Cell::Number { write, .. } => {
                scratch.clear();
                write(row, scratch);
                (scratch.as_slice(), true)
            }
            Cell::Dictionary { keys, values, .. } => return values.text_at(keys[row], scratch),
            Cell::List { range, values, element: Some(element), .. } => {
                return match range(row).nth(*element) {
                    Some(place) => values.text_at(place, scratch),
                    None => Text::Absent,
                };
            }
            Cell::List { range, values, element: None, null, .. } => {
                let (mut one, mut first) = (Vec::new(), true);
                scratch.clear();
                for place in range(row) {
                    if !first {
                        scratch.push(b':');
                    }
                    first = false;
                    match values.text_at(place, &mut one) {
                        Text::Is(text) => scratch.extend_from_slice(text),
                        Text::Absent => scratch.extend_from_slice(null.as_bytes()),
                        Text::NotUtf8(at) => return Text::NotUtf8(at),
                    }
                }
                (scratch.as_slice(), true)
            }
        };
        if !checked && let Err(error) = std::str::from_utf8(text) {
            return Text::NotUtf8(error.valid_up_to());
        }
        match crate::values::trim(text) {
            [] => Text::Absent,
            text => Text::Is(text),
        }
    }

    /// The first element that is given after so many of the list at a row; absent, where the column is no list.
    pub(super) fn element_after<'s>(&'s self, row: usize, most: usize, scratch: &'s mut Vec<u8>) -> Text<'s> {
        let Cell::List { range, values, .. } = self else { return Text::Absent };
        if !self.is_given(row) {
            return Text::Absent;
        }
        let mut further = range(row).skip(most);
        match further.find(|&place| !matches!(values.text_at(place, scratch), Text::Absent)) {
            Some(place) => values.text_at(place, scratch),
            None => Text::Absent,
        }
    }

    /// Whether two rows certainly have the same: a quick look, that may miss it.
    pub(super) fn surely_same(&self, a: usize, b: usize) -> bool {
        match (self.is_given(a), self.is_given(b)) {
            (false, false) => true,
            (true, true) => match self {
                Cell::Bytes { bytes, .. } => bytes(a) == bytes(b),
                Cell::Dictionary { keys, .. } => keys[a] == keys[b],
                _ => false,
            },
            _ => false,
        }
    }
}

fn put(what: std::fmt::Arguments<'_>, out: &mut Vec<u8>) {
    // A Vec takes everything.
    let _ = out.write_fmt(what);
}

fn day(days: i64, out: &mut Vec<u8>) {
    match i32::try_from(days) {
        Ok(days) => put(format_args!("{}", Date::from_days(days)), out),
        // Of no calendar: what reads it as a date says so.
        Err(_) => put(format_args!("day {days}"), out),
    }
}

/// Puts the point into the digits from `at`, and takes zeros off its end.
fn point(out: &mut Vec<u8>, at: usize, scale: i8) {
    let Ok(scale) = usize::try_from(scale) else {
        let zeros = usize::from(scale.unsigned_abs());
        out.extend(std::iter::repeat_n(b'0', zeros));
        return;
    };
    let digits = at + usize::from(out.get(at) == Some(&b'-'));
    while out.len() - digits <= scale {
        out.insert(digits, b'0');
    }
    if scale > 0 {
        out.insert(out.len() - scale, b'.');
        while out.last() == Some(&b'0') {
            out.pop();
        }
        if out.last() == Some(&b'.') {
            out.pop();
        }
    }
}

/// Writes a float that was an amount of so many decimals, or a whole number, as that; `error` is the relative error
/// that its type allows. One that is no number is none at all.
fn float(value: f64, error: f64, decimals: Decimals, out: &mut Vec<u8>) {
    /// Up to here a float tells one whole number from the next.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.is_nan() {
        return;
    }
    if value.fract() == 0.0 && value.abs() < EXACT {
        return put(format_args!("{}", value as i64), out);
    }
    if let Decimals::At(places) = decimals {
        let scaled = value * 10f64.powi(places);
        let rounded = scaled.round();
        if rounded.abs() < EXACT && (scaled - rounded).abs() <= rounded.abs().max(1.0) * error {
            let at = out.len();
            put(format_args!("{}", rounded as i64), out);
            return point(out, at, places as i8);
        }
    }
    put(format_args!("{value}"), out);
}

/// Seconds that a time zone is ahead of UTC; `None` for one that is not fixed.
fn offset(zone: &str) -> Option<i64> {
    if matches!(zone, "UTC" | "Etc/UTC" | "utc" | "Z" | "GMT") {
        return Some(0);
    }
    let (sign, digits) = match zone.as_bytes() {
        [b'+', digits @ ..] => (1, digits),
        [b'-', digits @ ..] => (-1, digits),
        _ => return None,
    };
    let two = |a: u8, b: u8| {
        (a.is_ascii_digit() && b.is_ascii_digit()).then(|| i64::from(a - b'0') * 10 + i64::from(b - b'0'))
    };
    let (hours, minutes) = match *digits {
        [a, b, b':', c, d] | [a, b, c, d] => (two(a, b)?, two(c, d)?),
        [a, b] => (two(a, b)?, 0),
        _ => return None,
    };
    Some(sign * (hours * 3600 + minutes * 60))
}
