"""The states of the USA and the provinces of Canada: names, time zones and area codes.

The area codes come from libphonenumber's geocoding data (Apache License 2.0); newer ones are in `OPENED_SINCE`. A
state's time zones include those of only a part of it, because people who live there must not be called too early.
"""

STATES: dict[str, tuple[str, tuple[str, ...], str]] = {
    "US-AL": ("Alabama", ("America/Chicago",), "205 251 256 334 659 938"),
    "US-AK": ("Alaska", ("America/Anchorage", "America/Adak"), "907"),
    "US-AZ": ("Arizona", ("America/Phoenix", "America/Denver"), "480 520 602 623 928"),
    "US-AR": ("Arkansas", ("America/Chicago",), "327 479 501 870"),
    "US-CA": (
        "California",
        ("America/Los_Angeles",),
        (
            "209 213 279 310 323 341 350 369 408 415 424 442 510 530 559 562 619 626 628 650 657 661 669 707 714 "
            "738 747 760 805 818 820 831 840 858 909 916 925 949 951"
        ),
    ),
    "US-CO": ("Colorado", ("America/Denver",), "303 719 720 748 970 983"),
    "US-CT": ("Connecticut", ("America/New_York",), "203 475 860 959"),
    "US-DE": ("Delaware", ("America/New_York",), "302"),
    "US-DC": ("District of Columbia", ("America/New_York",), "202 771"),
    "US-FL": (
        "Florida",
        ("America/New_York", "America/Chicago"),
        "239 305 321 324 352 386 407 448 561 645 656 689 727 728 754 772 786 813 850 863 904 941 954",
    ),
    "US-GA": ("Georgia", ("America/New_York",), "229 404 470 478 678 706 762 770 912 943"),
    "US-HI": ("Hawaii", ("Pacific/Honolulu",), "808"),
    "US-ID": ("Idaho", ("America/Boise", "America/Los_Angeles"), "208 986"),
    "US-IL": ("Illinois", ("America/Chicago",), "217 224 309 312 331 447 464 618 630 708 730 773 779 815 847 872"),
    "US-IN": ("Indiana", ("America/Indiana/Indianapolis", "America/Chicago"), "219 260 317 463 574 765 812 930"),
    "US-IA": ("Iowa", ("America/Chicago",), "319 515 563 641 712"),
    "US-KS": ("Kansas", ("America/Chicago", "America/Denver"), "316 620 785 913"),
    "US-KY": ("Kentucky", ("America/New_York", "America/Chicago"), "270 364 502 606 859"),
    "US-LA": ("Louisiana", ("America/Chicago",), "225 318 337 504 985"),
    "US-ME": ("Maine", ("America/New_York",), "207"),
    "US-MD": ("Maryland", ("America/New_York",), "227 240 301 410 443 667"),
    "US-MA": ("Massachusetts", ("America/New_York",), "339 351 413 508 617 774 781 857 978"),
    "US-MI": ("Michigan", ("America/Detroit", "America/Menominee"), "231 248 269 313 517 586 616 734 810 906 947 989"),
    "US-MN": ("Minnesota", ("America/Chicago",), "218 320 507 612 651 763 952"),
    "US-MS": ("Mississippi", ("America/Chicago",), "228 601 662 769"),
    "US-MO": ("Missouri", ("America/Chicago",), "235 314 417 557 573 636 660 816 975"),
    "US-MT": ("Montana", ("America/Denver",), "406"),
    "US-NE": ("Nebraska", ("America/Chicago", "America/Denver"), "308 402 531"),
    "US-NV": ("Nevada", ("America/Los_Angeles", "America/Denver"), "702 725 775"),
    "US-NH": ("New Hampshire", ("America/New_York",), "603"),
    "US-NJ": ("New Jersey", ("America/New_York",), "201 551 609 640 732 848 856 862 908 973"),
    "US-NM": ("New Mexico", ("America/Denver",), "505 575"),
    "US-NY": (
        "New York",
        ("America/New_York",),
        "212 315 329 332 347 363 516 518 585 607 631 646 680 716 718 838 845 914 917 929 934",
    ),
    "US-NC": ("North Carolina", ("America/New_York",), "252 336 472 704 743 828 910 919 980 984"),
    "US-ND": ("North Dakota", ("America/Chicago", "America/Denver"), "701"),
    "US-OH": ("Ohio", ("America/New_York",), "216 220 234 283 326 330 380 419 440 513 567 614 740 937"),
    "US-OK": ("Oklahoma", ("America/Chicago",), "405 539 572 580 918"),
    "US-OR": ("Oregon", ("America/Los_Angeles", "America/Boise"), "458 503 541 971"),
    "US-PA": ("Pennsylvania", ("America/New_York",), "215 223 267 272 412 445 484 570 582 610 717 724 814 835 878"),
    "US-RI": ("Rhode Island", ("America/New_York",), "401"),
    "US-SC": ("South Carolina", ("America/New_York",), "803 821 839 843 854 864"),
    "US-SD": ("South Dakota", ("America/Chicago", "America/Denver"), "605"),
    "US-TN": ("Tennessee", ("America/New_York", "America/Chicago"), "423 615 629 731 865 901 931"),
    "US-TX": (
        "Texas",
        ("America/Chicago", "America/Denver"),
        (
            "210 214 254 281 325 346 361 409 430 432 469 512 682 713 726 737 806 817 830 832 903 915 936 940 945 "
            "956 972 979"
        ),
    ),
    "US-UT": ("Utah", ("America/Denver",), "385 435 801"),
    "US-VT": ("Vermont", ("America/New_York",), "802"),
    "US-VA": ("Virginia", ("America/New_York",), "276 434 540 571 686 703 757 804 826 948"),
    "US-WA": ("Washington", ("America/Los_Angeles",), "206 253 360 425 509 564"),
    "US-WV": ("West Virginia", ("America/New_York",), "304 681"),
    "US-WI": ("Wisconsin", ("America/Chicago",), "262 274 353 414 534 608 715 920"),
    "US-WY": ("Wyoming", ("America/Denver",), "307"),
    "PR": ("Puerto Rico", ("America/Puerto_Rico",), ""),
    "VI": ("US Virgin Islands", ("America/St_Thomas",), ""),
    "GU": ("Guam", ("Pacific/Guam",), ""),
    "AS": ("American Samoa", ("Pacific/Pago_Pago",), ""),
    "MP": ("Northern Mariana Islands", ("Pacific/Saipan",), ""),
    "CA-AB": ("Alberta", ("America/Edmonton",), ""),
    "CA-BC": ("British Columbia", ("America/Vancouver", "America/Edmonton", "America/Dawson_Creek"), ""),
    "CA-MB": ("Manitoba", ("America/Winnipeg",), ""),
    "CA-NB": ("New Brunswick", ("America/Moncton",), ""),
    "CA-NL": ("Newfoundland and Labrador", ("America/St_Johns", "America/Goose_Bay"), ""),
    "CA-NS": ("Nova Scotia", ("America/Halifax",), ""),
    "CA-NT": ("Northwest Territories", ("America/Yellowknife",), ""),
    "CA-NU": (
        "Nunavut",
        ("America/Iqaluit", "America/Rankin_Inlet", "America/Cambridge_Bay", "America/Resolute", "America/Atikokan"),
        "",
    ),
    "CA-ON": ("Ontario", ("America/Toronto", "America/Winnipeg", "America/Atikokan"), ""),
    "CA-PE": ("Prince Edward Island", ("America/Halifax",), ""),
    "CA-QC": ("Quebec", ("America/Toronto", "America/Halifax", "America/Blanc-Sablon"), ""),
    "CA-SK": ("Saskatchewan", ("America/Regina", "America/Edmonton"), ""),
    "CA-YT": ("Yukon", ("America/Whitehorse",), ""),
}

OPENED_SINCE = {"436": "US-OH", "483": "US-AL", "679": "US-MI"}
AREA_CODES = {code: region for region, (_, _, codes) in STATES.items() for code in codes.split()} | OPENED_SINCE
