// Command pulumi-resource-docker is the Pulumi plugin for Docker.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"

	"mundo/toolchain/docker_plugin/dockerprovider"
)

//go:generate go run -tags no_compose ./cmd/schema schema.json

//go:embed schema.json
var schema []byte

func main() {
	tfbridge.Main(dockerprovider.Name, dockerprovider.Version, dockerprovider.New(), schema)
}
