package main

// didYouMean names the nearest of the names that are there, where one is near enough to be a misspelling.
func didYouMean(word string, names []string) string {
	best, at := "", max(2, len(word)/3)+1
	for _, name := range names {
		if d := distance(word, name); name != "" && d < at {
			best, at = name, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}

// distance is Levenshtein's: insertions, deletions and substitutions of bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		above := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			above, row[j+1] = row[j+1], min(row[j]+1, row[j+1]+1, above+cost)
		}
	}
	return row[len(b)]
}
