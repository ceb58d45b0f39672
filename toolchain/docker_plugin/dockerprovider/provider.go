// Package dockerprovider says how the Docker provider's resources, functions
// and settings are called in Pulumi. The names are those of the published
// `pulumi-docker` SDKs, so programs and state files work with either plugin.
package dockerprovider

import (
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/info"
	sdkv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/terraform-providers/terraform-provider-docker/shim"
)

const (
	// Name is the Pulumi package this plugin serves.
	Name = "docker"
	// Version is the SDK release whose names and types the plugin keeps.
	Version = "5.2.0"

	module = "index"
)

// resources maps each resource of the provider to its Pulumi name.
var resources = map[string]string{
	"docker_buildx_builder": "BuildxBuilder",
	"docker_config":         "ServiceConfig",
	"docker_container":      "Container",
	"docker_image":          "RemoteImage",
	"docker_network":        "Network",
	"docker_plugin":         "Plugin",
	"docker_registry_image": "RegistryImage",
	"docker_secret":         "Secret",
	"docker_service":        "Service",
	"docker_tag":            "Tag",
	"docker_volume":         "Volume",
}

// functions maps each data source of the provider to its Pulumi name.
var functions = map[string]string{
	"docker_image":                    "getRemoteImage",
	"docker_logs":                     "getLogs",
	"docker_network":                  "getNetwork",
	"docker_plugin":                   "getPlugin",
	"docker_registry_image":           "getRegistryImage",
	"docker_registry_image_manifests": "getRegistryImageManifests",
}

// New returns the description from which the bridge serves the plugin and
// generates its schema.
func New() tfbridge.ProviderInfo {
	provider := tfbridge.ProviderInfo{
		P:           sdkv2.NewProvider(shim.NewProvider(Version)),
		Name:        Name,
		Version:     Version,
		DisplayName: "Docker",
		Description: "Docker resources for Pulumi",
		License:     "Apache-2.0",
		GitHubOrg:   "kreuzwerker",
		Config: map[string]*info.Schema{
			"host": {Default: &info.Default{EnvVars: []string{"DOCKER_HOST"}}, MarkAsOptional: ref(true)},
		},
		Resources:   map[string]*info.Resource{},
		DataSources: map[string]*info.DataSource{},
	}
	for source, name := range resources {
		provider.Resources[source] = &info.Resource{Tok: tfbridge.MakeResource(Name, module, name)}
	}
	for source, name := range functions {
		provider.DataSources[source] = &info.DataSource{Tok: tfbridge.MakeDataSource(Name, module, name)}
	}

	// A container's name, address and host port cannot be held twice.
	container := provider.Resources["docker_container"]
	container.DeleteBeforeReplace = true
	container.Fields = keepNumber("command", "networks_advanced")
	// An image's name says which image it is: no random ending.
	provider.Resources["docker_image"].Fields = keepNumber("name")

	provider.SetAutonaming(255, "-")
	return provider
}

// keepNumber keeps the provider's own names for fields that the bridge would
// make plural or singular, or complete with a random ending.
func keepNumber(fields ...string) map[string]*info.Schema {
	kept := make(map[string]*info.Schema, len(fields))
	for _, field := range fields {
		kept[field] = &info.Schema{Name: tfbridge.TerraformToPulumiNameV2(field, nil, nil)}
	}
	return kept
}

func ref[T any](value T) *T { return &value }
