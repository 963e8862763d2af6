package main

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"strconv"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/util/annotations"
)

// asked is what is read: series with values at seconds (none where a series ended), and
// expressions to evaluate at each step from 0 to the end.
type asked struct {
	StepS       int64             `json:"step_s"`
	EndS        int64             `json:"end_s"`
	Series      []series          `json:"series"`
	Expressions map[string]string `json:"expressions"`
}

type series struct {
	Labels map[string]string `json:"labels"`
	Points []struct {
		AtS   int64    `json:"at_s"`
		Value *float64 `json:"value"`
	} `json:"points"`
}

// result is one series of an expression's value: at seconds, as text, for there are NaN and +Inf.
type result struct {
	Labels map[string]string `json:"labels"`
	Points [][2]string       `json:"points"`
}

// evaluate prints the value of each expression, as Prometheus' own engine has it.
func evaluate(file string) error {
	var given asked
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &given); err != nil {
		return err
	}
	engine := promql.NewEngine(promql.EngineOpts{
		MaxSamples:    50_000_000,
		Timeout:       time.Minute,
		LookbackDelta: 5 * time.Minute,
		Parser:        parser.NewParser(parser.Options{}),
	})
	found := map[string][]result{}
	for name, expression := range given.Expressions {
		if found[name], err = evaluated(engine, given, expression); err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(found)
}

func evaluated(engine *promql.Engine, given asked, expression string) ([]result, error) {
	ctx := context.Background()
	end, step := time.Unix(given.EndS, 0), time.Duration(given.StepS)*time.Second
	query, err := engine.NewRangeQuery(ctx, memory(given.Series), nil, expression, time.Unix(0, 0), end, step)
	if err != nil {
		return nil, err
	}
	defer query.Close()
	matrix, err := query.Exec(ctx).Matrix()
	if err != nil {
		return nil, err
	}
	results := []result{}
	for _, one := range matrix {
		points := [][2]string{}
		for _, point := range one.Floats {
			at := strconv.FormatInt(point.T/1000, 10)
			points = append(points, [2]string{at, strconv.FormatFloat(point.F, 'g', -1, 64)})
		}
		results = append(results, result{Labels: one.Metric.Map(), Points: points})
	}
	return results, nil
}

// memory holds series for the engine to query.
type memory []series

func (m memory) Querier(_, _ int64) (storage.Querier, error) { return m, nil }

func (m memory) Close() error { return nil }

func (m memory) LabelValues(context.Context, string, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

func (m memory) LabelNames(context.Context, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

func (m memory) Select(_ context.Context, _ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	found := &selected{at: -1}
	for _, one := range m {
		if matches(one.Labels, matchers) {
			found.series = append(found.series, one)
		}
	}
	return found
}

func matches(given map[string]string, matchers []*labels.Matcher) bool {
	for _, matcher := range matchers {
		if !matcher.Matches(given[matcher.Name]) {
			return false
		}
	}
	return true
}

type selected struct {
	series []series
	at     int
}

func (s *selected) Next() bool                        { s.at++; return s.at < len(s.series) }
func (s *selected) Err() error                        { return nil }
func (s *selected) Warnings() annotations.Annotations { return nil }

func (s *selected) At() storage.Series {
	one := s.series[s.at]
	samples := make([]chunks.Sample, len(one.Points))
	for i, point := range one.Points {
		samples[i] = sample{point.AtS * 1000, math.Float64frombits(value.StaleNaN)}
		if point.Value != nil {
			samples[i] = sample{point.AtS * 1000, *point.Value}
		}
	}
	return storage.NewListSeries(labels.FromMap(one.Labels), samples)
}

// sample is a value at a time in milliseconds.
type sample struct {
	at    int64
	value float64
}

func (s sample) T() int64                      { return s.at }
func (s sample) ST() int64                     { return 0 }
func (s sample) F() float64                    { return s.value }
func (s sample) H() *histogram.Histogram       { return nil }
func (s sample) FH() *histogram.FloatHistogram { return nil }
func (s sample) Type() chunkenc.ValueType      { return chunkenc.ValFloat }
func (s sample) Copy() chunks.Sample           { return s }
