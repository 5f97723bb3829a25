//! What the demo organisation maintains: a food plant and its warehouse, in the words its people would use.

/// A kind of machine and what happens to it.
pub struct Equipment {
    /// Start of its tags.
    pub prefix: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// ISO 14224 equipment class in plain words.
    pub class: &'static str,
    /// Who makes it.
    pub makers: &'static [(&'static str, &'static str)],
    /// Its components: tag suffix and name.
    pub components: &'static [(&'static str, &'static str)],
    /// What breaks.
    pub faults: &'static [&'static str],
    /// What is done by plan.
    pub services: &'static [&'static str],
    /// Its meter: name and unit.
    pub meter: Option<(&'static str, &'static str)>,
    /// Title of the checklist that fits it.
    pub checklist: Option<&'static str>,
}

/// The two sites: code, name, address, time zone.
pub const SITES: [(&str, &str, &str, &str); 2] = [
    ("LDS", "Leeds plant", "Whitehall Road, Leeds", "Europe/London"),
    ("HUL", "Hull warehouse", "Hedon Road, Hull", "Europe/London"),
];

/// Rooms and lines of each site.
pub const AREAS: [&[(&str, &str)]; 2] = [
    &[
        ("L1", "Line 1"),
        ("L2", "Line 2"),
        ("L3", "Line 3"),
        ("CIP", "CIP room"),
        ("UTL", "Utilities"),
        ("PKH", "Packing hall"),
        ("ROOF", "Roof plant"),
        ("WSH", "Workshop"),
    ],
    &[
        ("DOCK", "Loading docks"),
        ("COLD", "Cold store"),
        ("HBAY", "High bay"),
        ("CHG", "Charging station"),
        ("YARD", "Yard"),
    ],
];

/// The machines of the plant, and of the warehouse from [`WAREHOUSE_FROM`] on.
pub const EQUIPMENT: &[Equipment] = &[
    Equipment {
        prefix: "P",
        name: "CIP return pump",
        class: "Pump",
        makers: &[("Grundfos", "CRN 20-4"), ("Alfa Laval", "LKH-25"), ("KSB", "Etanorm 050")],
        components: &[("M", "Motor"), ("S", "Mechanical seal"), ("B", "Drive-end bearing")],
        faults: &[
            "Replace drive-end bearing and seal",
            "Seal leaking onto base plate",
            "Motor trips on overload",
            "Vibration above alarm limit",
            "Coupling guard loose",
        ],
        services: &["Check alignment and grease bearings", "Change seal water filter"],
        meter: Some(("Run hours", "h")),
        checklist: Some("Pump service"),
    },
    Equipment {
        prefix: "CV",
        name: "Case conveyor",
        class: "Conveyor",
        makers: &[("Interroll", "MCP 24"), ("FlexLink", "X85"), ("Dematic", "MS-600")],
        components: &[("B", "Belt"), ("D", "Drive unit"), ("E", "Photo-eye")],
        faults: &[
            "Discharge belt tracking off, cases jamming",
            "Photo-eye not seeing dark cases",
            "Drive chain slack and noisy",
            "Side guide bent by fork truck",
            "Emergency stop cord does not reset",
        ],
        services: &["Inspect belt, rollers and guards", "Lubricate drive chain"],
        meter: Some(("Run hours", "h")),
        checklist: Some("Conveyor inspection"),
    },
    Equipment {
        prefix: "FL",
        name: "Filler",
        class: "Filling machine",
        makers: &[("Krones", "Modulfill"), ("Sidel", "SF100")],
        components: &[("V", "Filling valve block"), ("W", "Star wheel"), ("T", "Torque head")],
        faults: &[
            "Swap worn star-wheel guide",
            "Valve 14 drips after close",
            "Fill level out of tolerance on heads 3 and 4",
            "Capper torque drifting low",
        ],
        services: &["Monthly lubrication round", "Change valve gaskets"],
        meter: Some(("Bottles", "pcs")),
        checklist: None,
    },
    Equipment {
        prefix: "AC",
        name: "Rotary screw compressor",
        class: "Compressor",
        makers: &[("Atlas Copco", "GA 37"), ("Kaeser", "CSD 105")],
        components: &[("F", "Oil filter"), ("D", "Condensate drain"), ("C", "Cooler")],
        faults: &[
            "Condensate drain stuck open",
            "Outlet temperature high",
            "Oil carry-over in air line",
            "Unloader valve sticking",
        ],
        services: &["2,000 h service: oil, filters, separator", "Read hours, check condensate drain"],
        meter: Some(("Run hours", "h")),
        checklist: Some("Compressor service"),
    },
    Equipment {
        prefix: "AHU",
        name: "Air handler",
        class: "HVAC unit",
        makers: &[("Systemair", "Geniox 14"), ("Daikin", "D-AHU")],
        components: &[("F", "Filter bank"), ("V", "Supply fan")],
        faults: &[
            "Supply fan belt squealing",
            "Damper actuator does not close",
            "Frost protection trips at night",
        ],
        services: &["Change F7 bag filters and clean drip tray", "Check fan belts and bearings"],
        meter: None,
        checklist: Some("Air handler filters"),
    },
    Equipment {
        prefix: "CH",
        name: "Glycol chiller",
        class: "Refrigeration unit",
        makers: &[("Carrier", "30RB"), ("Trane", "CGAM")],
        components: &[("K", "Compressor circuit"), ("E", "Evaporator")],
        faults: &[
            "Low suction pressure alarm on circuit 2",
            "Glycol flow switch failed",
            "Condenser fan 3 bearing noisy",
        ],
        services: &["Glycol concentration test and top-up", "Leak test and log F-gas"],
        meter: Some(("Run hours", "h")),
        checklist: Some("Chiller round"),
    },
    Equipment {
        prefix: "BLR",
        name: "Steam boiler",
        class: "Boiler",
        makers: &[("Bosch", "U-HD 3200"), ("Cochran", "Thermax")],
        components: &[("B", "Burner"), ("G", "Gauge glass")],
        faults: &["Feed pump does not start on low level", "Gauge glass weeping", "Burner lockout on start"],
        services: &["Burner safety interlock test, witnessed", "Blow down and water test"],
        meter: Some(("Fired hours", "h")),
        checklist: Some("Boiler weekly test"),
    },
    Equipment {
        prefix: "FLT",
        name: "Counterbalance truck",
        class: "Industrial truck",
        makers: &[("Linde", "E20"), ("Toyota", "8FBMT25"), ("Jungheinrich", "EFG 220")],
        components: &[("BAT", "Traction battery"), ("M", "Mast")],
        faults: &[
            "Mast chain uneven",
            "Steering feels loose",
            "Battery does not hold a shift",
            "Reverse alarm silent",
        ],
        services: &["Thorough examination of lifting parts", "500 h service"],
        meter: Some(("Truck hours", "h")),
        checklist: Some("Truck daily check"),
    },
    Equipment {
        prefix: "DK",
        name: "Dock leveller",
        class: "Loading equipment",
        makers: &[("Hörmann", "HLS-2"), ("Assa Abloy", "DL6010")],
        components: &[("L", "Lip cylinder"), ("D", "Dock door")],
        faults: &["Leveller sinks under load", "Dock door cable frayed", "Lip does not extend"],
        services: &["Inspect hydraulics and safety leg", "Grease hinges and check seals"],
        meter: None,
        checklist: None,
    },
    Equipment {
        prefix: "RC",
        name: "Racking bay",
        class: "Storage",
        makers: &[("Dexion", "P90"), ("SSI Schäfer", "PR 600")],
        components: &[],
        faults: &["Upright struck by truck, bay offloaded", "Beam lock missing at level 3"],
        services: &["Quarterly racking inspection"],
        meter: None,
        checklist: Some("Racking inspection"),
    },
];

/// Equipment from this index on stands in the warehouse.
pub const WAREHOUSE_FROM: usize = 7;

/// A family of spare parts.
pub struct PartFamily {
    /// Start of their numbers.
    pub prefix: &'static str,
    /// What they are called.
    pub name: &'static str,
    /// What their quantities count.
    pub unit: &'static str,
    /// Least and greatest price, in pence.
    pub price: (i64, i64),
    /// Sizes and kinds.
    pub variants: &'static [&'static str],
}

const fn family(
    prefix: &'static str,
    name: &'static str,
    unit: &'static str,
    price: (i64, i64),
    variants: &'static [&'static str],
) -> PartFamily {
    PartFamily { prefix, name, unit, price, variants }
}

/// The families of spare parts.
pub const PARTS: &[PartFamily] = &[
    family(
        "BRG",
        "Deep groove ball bearing",
        "pcs",
        (850, 9_400),
        &["6204-2RS", "6205-2RS", "6206-2RS", "6208-2RS", "6306-C3", "6308-C3", "6310-C3", "6312-C3"],
    ),
    family("SEA", "Mechanical seal", "pcs", (6_500, 32_000), &["22 mm", "28 mm", "32 mm", "38 mm", "43 mm"]),
    family("ORG", "O-ring, FKM", "pcs", (40, 650), &["20x3", "32x3", "45x3", "60x4", "80x5", "110x5"]),
    family(
        "BLT",
        "V-belt",
        "pcs",
        (700, 4_200),
        &["SPA 1000", "SPA 1250", "SPA 1600", "SPB 2000", "SPZ 800"],
    ),
    family("FLT", "Bag filter F7", "pcs", (1_500, 5_200), &["592x592", "592x287", "490x592"]),
    family("OIL", "Compressor oil", "l", (900, 1_900), &["46 synthetic", "68 mineral"]),
    family("GRS", "Grease, food grade", "kg", (1_600, 3_800), &["NLGI 1", "NLGI 2"]),
    family("SNS", "Photo-eye", "pcs", (5_400, 16_000), &["M18 diffuse", "M18 retro", "fork 50 mm"]),
    family("MTR", "Gear motor", "pcs", (24_000, 88_000), &["0.37 kW", "0.55 kW", "0.75 kW", "1.5 kW"]),
    family("VLV", "Solenoid valve", "pcs", (4_200, 18_000), &["1/4 in 24 V", "1/2 in 24 V", "3/4 in 230 V"]),
    family("FUS", "Fuse", "pcs", (120, 900), &["10 A gG", "16 A gG", "25 A aM", "63 A gG"]),
    family("CHN", "Roller chain", "m", (900, 3_900), &["08B-1", "10B-1", "12B-2"]),
];

/// A checklist template: title, category and steps.
pub struct Checklist {
    /// What it is called.
    pub title: &'static str,
    /// What it is for.
    pub category: &'static str,
    /// Its steps.
    pub steps: &'static [DemoStep],
}

/// A step in short form.
pub enum DemoStep {
    /// A heading.
    Section(&'static str),
    /// A tick.
    Check(&'static str),
    /// Pass, fail, not applicable; must be answered.
    PassFail(&'static str),
    /// A number: label, unit, least and greatest in thousandths.
    Number(&'static str, &'static str, i64, i64),
    /// Free text.
    Text(&'static str),
    /// One of some options.
    Choice(&'static str, &'static [&'static str]),
    /// A meter reading with its unit.
    Meter(&'static str, &'static str),
    /// A date and time.
    DateTime(&'static str),
}

use DemoStep::{Check, Choice, DateTime, Meter, Number, PassFail, Section, Text};

/// The lists that the forty templates are made of.
pub const CHECKLISTS: &[Checklist] = &[
    Checklist {
        title: "Pump service",
        category: "Rotating equipment",
        steps: &[
            Section("Before you start"),
            Check("Pump isolated, locked and tested dead"),
            Check("Suction and discharge valves closed"),
            Section("Measure"),
            Number("Bearing temperature, drive end", "°C", 10_000, 80_000),
            Number("Vibration, drive end", "mm/s", 0, 4_500),
            PassFail("Seal dry after ten minutes"),
            PassFail("Coupling alignment within 0.05 mm"),
            Section("Finish"),
            Meter("Run hours", "h"),
            Choice("Condition", &["good", "fair", "poor"]),
            Text("What should be done next time"),
        ],
    },
    Checklist {
        title: "Conveyor inspection",
        category: "Handling",
        steps: &[
            PassFail("Emergency stops tested"),
            PassFail("Guards in place"),
            Check("Belt clean and on track"),
            Number("Chain slack", "mm", 2_000, 15_000),
            Check("Rollers turn freely"),
            Choice("Belt wear", &["none", "light", "replace soon"]),
        ],
    },
    Checklist {
        title: "Compressor service",
        category: "Utilities",
        steps: &[
            Meter("Run hours", "h"),
            Number("Outlet temperature", "°C", 60_000, 105_000),
            Number("System pressure", "bar", 6_500, 8_000),
            Check("Oil changed"),
            Check("Filters changed"),
            PassFail("Condensate drain works"),
            DateTime("Back in service"),
        ],
    },
    Checklist {
        title: "Air handler filters",
        category: "HVAC",
        steps: &[
            Check("Fan stopped and locked"),
            Number("Pressure drop before", "Pa", 0, 450_000),
            Check("Filters changed, frames tight"),
            Number("Pressure drop after", "Pa", 0, 200_000),
            PassFail("Drip tray clean, trap filled"),
        ],
    },
    Checklist {
        title: "Truck daily check",
        category: "Trucks",
        steps: &[
            PassFail("Brakes hold on the ramp"),
            PassFail("Horn and lights"),
            PassFail("Mast chains even"),
            Number("Battery charge", "%", 20_000, 100_000),
            Meter("Truck hours", "h"),
            Text("Damage seen"),
        ],
    },
    Checklist {
        title: "Racking inspection",
        category: "Storage",
        steps: &[
            PassFail("Uprights straight"),
            PassFail("Beam locks in place"),
            Choice("Risk", &["green", "amber", "red"]),
            Text("Bays to offload"),
        ],
    },
    Checklist {
        title: "Boiler weekly test",
        category: "Utilities",
        steps: &[
            PassFail("First low-water alarm"),
            PassFail("Second low-water lockout"),
            Number("Water hardness", "°dH", 0, 100),
            Number("Steam pressure", "bar", 6_000, 10_000),
            Check("Blow-down done"),
            Check("Gauge glass blown through"),
        ],
    },
    Checklist {
        title: "Chiller round",
        category: "Utilities",
        steps: &[
            Number("Glycol concentration", "%", 25_000, 40_000),
            Number("Supply temperature", "°C", -8_000, -2_000),
            PassFail("No oil traces on pipework"),
            Check("Condenser clean"),
            Check("Expansion vessel pressure logged"),
        ],
    },
];
