//! The flags of a [`Row`](crate::Row), by code system, with the names that the source tables use.

/// A flag's name in the source table, and its bit.
pub type Flag = (&'static str, u32);

/// Flags of ICD-10-CM rows: the Medicare Code Editor's and, at the end, the I/OCE's, under their own names.
pub mod diagnosis {
    use super::Flag;

    /// Manifestation code: never principal or first-listed.
    pub const MANIFESTATION: u32 = 1 << 0;
    /// External cause of morbidity: never principal or first-listed.
    pub const EXTERNAL_CAUSE: u32 = 1 << 1;
    /// Unacceptable as principal diagnosis.
    pub const UNACCEPTABLE_PRINCIPAL: u32 = 1 << 2;
    /// Acceptable as principal only with a secondary diagnosis.
    pub const REQUIRES_SECONDARY: u32 = 1 << 3;
    /// Unspecified laterality where a specific code exists (MCE edit 20).
    pub const UNSPECIFIED: u32 = 1 << 4;
    /// Age group newborn: 0 years.
    pub const NEWBORN: u32 = 1 << 5;
    /// Age group paediatric: 0 to 17 years.
    pub const PEDIATRIC: u32 = 1 << 6;
    /// Age group maternity: 9 to 64 years, 12 to 55 before 2019-10-01.
    pub const MATERNITY: u32 = 1 << 7;
    /// Age group adult: 15 to 124 years.
    pub const ADULT: u32 = 1 << 8;
    /// Female only.
    pub const FEMALE: u32 = 1 << 9;
    /// Male only.
    pub const MALE: u32 = 1 << 10;
    /// Questionable admission.
    pub const QUESTIONABLE_ADMISSION: u32 = 1 << 11;
    /// Type 1 diabetes, for the MCE's procedure edits.
    pub const DIABETES_TYPE_1: u32 = 1 << 12;
    /// Delivery outcome.
    pub const DELIVERY_OUTCOME: u32 = 1 << 13;
    /// Non-covered procedure list 6 of the MCE.
    pub const NONCOVERED_6: u32 = 1 << 14;
    /// Non-covered procedure list 7 of the MCE.
    pub const NONCOVERED_7: u32 = 1 << 15;
    /// Sterilisation, for the MCE's non-covered procedures.
    pub const NONCOVERED_Z302: u32 = 1 << 16;
    /// Wrong procedure performed.
    pub const WRONG_PROCEDURE: u32 = 1 << 17;
    /// Clinical trial participation.
    pub const CLINICAL_TRIAL: u32 = 1 << 18;
    /// Unacceptable as principal diagnosis of an outpatient claim (I/OCE edit 113), unless exempt.
    pub const OUTPATIENT_UNACCEPTABLE: u32 = 1 << 19;
    /// Exempt from I/OCE edit 113.
    pub const OUTPATIENT_EXEMPT: u32 = 1 << 20;
    /// The exemption does not hold for bill types 12x, 22x, 81x and 82x.
    pub const OUTPATIENT_EXEMPT_SOMEWHERE: u32 = 1 << 21;
    /// Any flag that limits the patient's age.
    pub const AGE_GROUPS: u32 = NEWBORN | PEDIATRIC | MATERNITY | ADULT;

    /// Every flag by its name in the table that it is from.
    pub const NAMES: &[Flag] = &[
        ("manifestation", MANIFESTATION),
        ("ecodepdx", EXTERNAL_CAUSE),
        ("unacceptable", UNACCEPTABLE_PRINCIPAL),
        ("reqsdx", REQUIRES_SECONDARY),
        ("unspecified", UNSPECIFIED),
        ("newborn", NEWBORN),
        ("pediatric", PEDIATRIC),
        ("maternity", MATERNITY),
        ("adult", ADULT),
        ("female", FEMALE),
        ("male", MALE),
        ("qadm", QUESTIONABLE_ADMISSION),
        ("diabtypeI", DIABETES_TYPE_1),
        ("delout", DELIVERY_OUTCOME),
        ("ncov6", NONCOVERED_6),
        ("ncov7", NONCOVERED_7),
        ("ncov_z302", NONCOVERED_Z302),
        ("wrngproc", WRONG_PROCEDURE),
        ("clintrial", CLINICAL_TRIAL),
        ("unacceptable_pdx", OUTPATIENT_UNACCEPTABLE),
        ("unacceptable_pdx_exclusion", OUTPATIENT_EXEMPT),
        ("unacceptable_pdx_exclusion_ignored", OUTPATIENT_EXEMPT_SOMEWHERE),
    ];
}

/// Flags of CPT and HCPCS rows: the I/OCE's, under its own names.
pub mod procedure {
    use super::Flag;

    macro_rules! flags {
        ($($(#[$doc:meta])* $name:ident = $place:literal, $text:literal;)*) => {
            $($(#[$doc])* pub const $name: u32 = 1 << $place;)*
            /// Every flag by its name in the I/OCE's table.
            pub const NAMES: &[Flag] = &[$(($text, $name)),*];
        };
    }

    flags! {
        /// Not recognized by Medicare (status indicator E1).
        NOT_RECOGNIZED_MEDICARE = 0, "not_recognized_mcare";
        /// Not recognized under the outpatient prospective payment system.
        NOT_RECOGNIZED_OPPS = 1, "not_recognized_opps";
        /// Not covered.
        NON_COVERED = 2, "non_covered";
        /// Not reportable for the site of service.
        NON_REPORTABLE_SITE = 3, "non_reportable_site";
        /// Conditionally bilateral.
        BILATERAL_CONDITIONAL = 4, "bilateral_conditional";
        /// Independently bilateral.
        BILATERAL_INDEPENDENT = 5, "bilateral_independent";
        /// Inherently bilateral.
        BILATERAL_INHERENT = 6, "bilateral_inherent";
        /// Column 1 of some PTP pair.
        NCCI_COLUMN_1 = 7, "ncci_code1";
        /// Column 2 of some PTP pair.
        NCCI_COLUMN_2 = 8, "ncci_code2";
        /// Vaccine.
        VACCINE = 9, "vaccine";
        /// Questionably covered.
        QUESTIONABLE = 10, "questionable";
        /// Excluded by statute.
        STATUTORY_EXCLUSION = 11, "statutory_exclusion";
        /// Billable to the DME contractor only.
        DME_ONLY = 12, "dmerc_billable_only";
        /// Unclassified drug.
        UNCLASSIFIED_DRUG = 13, "unclassified_drug";
        /// Separate procedure.
        SEPARATE_PROCEDURE = 14, "separate_procedure";
        /// Not billable to a Medicare administrative contractor.
        NON_BILLABLE_MAC = 15, "non_billable_mac";
        /// Add-on type 1.
        ADD_ON_TYPE_1 = 16, "addon_type1";
        /// Add-on type 2.
        ADD_ON_TYPE_2 = 17, "addon_type2";
        /// Add-on type 3.
        ADD_ON_TYPE_3 = 18, "addon_type3";
        /// For information only.
        INFORMATION_ONLY = 19, "information_only";
        /// May be furnished by telehealth.
        TELEHEALTH = 20, "telehealth";
        /// Billable on a Part B inpatient claim.
        PART_B_BILLABLE = 21, "part_b_billable";
        /// Ended with the public health emergency, inside a quarter.
        MID_QUARTER_TERMINATION = 22, "cms_mid_quarter_termination";
    }
}

/// Flags of modifier rows: the I/OCE's, under its own names.
pub mod modifier {
    use super::Flag;

    /// NCCI PTP-associated: may release a pair of indicator 1.
    pub const NCCI: u32 = 1 << 0;

    /// Every flag by its name in the I/OCE's table.
    pub const NAMES: &[Flag] = &[
        ("ncci", NCCI),
        ("therapy", 1 << 1),
        ("non_discount", 1 << 2),
        ("died_transferred", 1 << 3),
        ("device_req_exclusion", 1 << 4),
        ("telehealth", 1 << 5),
        ("assistant_surgeon", 1 << 6),
    ];
}

/// Flags of place-of-service rows.
pub mod place {
    use super::Flag;

    /// Paid at the facility rate.
    pub const FACILITY: u32 = 1 << 0;

    /// Every flag by its name.
    pub const NAMES: &[Flag] = &[("facility", FACILITY)];
}

/// Flags of revenue code rows: the I/OCE's, under its own names.
pub mod revenue {
    use super::Flag;

    /// A line without a procedure is spared from I/OCE edit 48.
    pub const SPARED_FROM_PROCEDURE: u32 = 1 << 2;

    /// Every flag by its name in the I/OCE's table.
    pub const NAMES: &[Flag] = &[
        ("not_recognized", 1 << 0),
        ("therapy", 1 << 1),
        ("bypass_e48", SPARED_FROM_PROCEDURE),
        ("statutory_exclusion", 1 << 3),
        ("bundled_in_biological", 1 << 4),
        ("part_b_billable_inpatient", 1 << 5),
    ];
}

/// What the engine may conclude from a code alone, over all its rows and relations: an edit that none of these
/// could set off is not called for the code.
pub mod could {
    /// Column 1 of a hospital PTP pair.
    pub const PTP_HOSPITAL_COLUMN_1: u32 = 1 << 0;
    /// Column 2 of a hospital PTP pair.
    pub const PTP_HOSPITAL_COLUMN_2: u32 = 1 << 1;
    /// Column 1 of a practitioner PTP pair.
    pub const PTP_PRACTITIONER_COLUMN_1: u32 = 1 << 2;
    /// Column 2 of a practitioner PTP pair.
    pub const PTP_PRACTITIONER_COLUMN_2: u32 = 1 << 3;
    /// A column of any PTP pair.
    pub const PTP: u32 =
        PTP_HOSPITAL_COLUMN_1 | PTP_HOSPITAL_COLUMN_2 | PTP_PRACTITIONER_COLUMN_1 | PTP_PRACTITIONER_COLUMN_2;
    /// An add-on code of any type.
    pub const ADD_ON: u32 = 1 << 4;
    /// Some row limits the patient's age.
    pub const AGE: u32 = 1 << 5;
    /// Some row limits the patient's sex.
    pub const SEX: u32 = 1 << 6;
    /// Some row bars the code from the first place.
    pub const FIRST_PLACE: u32 = 1 << 7;
    /// In a table of unit limits of practitioners.
    pub const MUE_PRACTITIONER: u32 = 1 << 8;
    /// In a table of unit limits of outpatient hospitals.
    pub const MUE_HOSPITAL: u32 = 1 << 9;
    /// In a table of unit limits of suppliers of durable medical equipment.
    pub const MUE_DME: u32 = 1 << 10;
    /// In the Medicare Physician Fee Schedule.
    pub const FEE_SCHEDULE: u32 = 1 << 11;
    /// In the file of HCPCS Level II, which says more of it than its validity.
    pub const HCPCS_FACTS: u32 = 1 << 12;
    /// In the Clinical Laboratory Fee Schedule.
    pub const LAB_TEST: u32 = 1 << 13;
    /// Stands for what has no code of its own.
    pub const UNLISTED: u32 = 1 << 14;
    /// A diagnosis of the left side, the right or both.
    pub const SIDE: u32 = 1 << 16;
}
