// Validators that have no equivalent in Python: a Compose file as Docker Compose reads it, and
// Prometheus' alert rules and expressions as Prometheus reads and evaluates them.
//
//	validators compose FILE | rules FILE | evaluate FILE
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
)

func compose(file string) error {
	options, err := cli.NewProjectOptions([]string{file}, cli.WithOsEnv, cli.WithProfiles(profiles()))
	if err != nil {
		return err
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		return err
	}
	out, err := project.MarshalJSON()
	if err == nil {
		fmt.Println(string(out))
	}
	return err
}

func rules(file string) error {
	_, errs := rulefmt.ParseFile(file, false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.Default())
	for _, err := range errs {
		return err
	}
	return nil
}

func main() {
	check := map[string]func(string) error{"compose": compose, "rules": rules, "evaluate": evaluate}[os.Args[1]]
	if err := check(os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// profiles are those asked for in COMPOSE_PROFILES.
func profiles() []string {
	if asked := os.Getenv("COMPOSE_PROFILES"); asked != "" {
		return strings.Split(asked, ",")
	}
	return nil
}
