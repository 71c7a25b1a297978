"""Fair comparison of sites and providers: pure statistics on sums, without a store, a page or a word to the reader.

From what goes in to what is said: `sums` are checked once; `shares`, `handle_times`, `surveys` and `sample_sizes` put
an interval on one figure or a difference; `comparison`, `stratified` and `expected` make mixes of work alike;
`shrinkage`, `funnel` and `screening` look at many at once; `control` follows one over time; `drivers` splits a change
into its parts; `verdict` says what an interval means. Nothing is imported here, as statsmodels takes a second.
"""
