package config

import (
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"
)

// Print writes c as a YAML file that Load reads, each key with its doc, and
// secrets as "***".
func Print(w io.Writer, c Config) error {
	var b strings.Builder
	printStruct(&b, reflect.ValueOf(c), "")
	_, err := io.WriteString(w, b.String())
	return err
}

func printStruct(b *strings.Builder, v reflect.Value, indent string) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		key := f.Tag.Get("mapstructure")
		fmt.Fprintf(b, "%s# %s\n", indent, f.Tag.Get("doc"))
		if f.Type.Kind() == reflect.Struct {
			fmt.Fprintf(b, "%s%s:\n", indent, key)
			printStruct(b, v.Field(i), indent+"  ")
			continue
		}
		value := scalar(v.Field(i))
		if f.Tag.Get("secret") != "" && v.Field(i).String() != "" {
			value = `"***"`
		}
		fmt.Fprintf(b, "%s%s: %s\n", indent, key, value)
	}
}

func scalar(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case time.Duration:
		return x.String()
	case []string:
		quoted := make([]string, len(x))
		for i, s := range x {
			quoted[i] = fmt.Sprintf("%q", s)
		}
		return "[" + strings.Join(quoted, ", ") + "]"
	case string:
		return fmt.Sprintf("%q", x)
	default:
		return fmt.Sprint(x)
	}
}
