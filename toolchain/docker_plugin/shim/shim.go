// Package shim opens the Docker provider's constructor, which lives in an
// internal package, to the plugin: Go allows the import from below the
// provider's own import path only.
package shim

import (
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/terraform-providers/terraform-provider-docker/internal/provider"
)

// NewProvider returns the Docker provider, which reports version to the engine.
func NewProvider(version string) *schema.Provider {
	return provider.New(version)()
}
