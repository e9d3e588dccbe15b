using Eclusier.Adapters.Proposals;
using Eclusier.Core.Sources;

namespace Eclusier.Adapters.Tests.Proposals;

public sealed class ImageVariablesSpecs
{
    private static readonly CommitId Commit = CommitId.Parse("1eabc9a4d3c2b1a0f9e8d7c6b5a4938271605f4e");

    [Theory]
    [InlineData("ghcr.io/x/api:${IMAGE_TAG}", "ghcr.io/x/api:main-1eabc9a", "main-{commit7}")]
    [InlineData("ghcr.io/x/api:$IMAGE_TAG", "ghcr.io/x/api:1eabc9a", "{commit7}")]
    [InlineData("ghcr.io/x/api:${IMAGE_TAG:-latest}", "ghcr.io/x/api:sha-1eabc9a4d3c2b1a0f9e8d7c6b5a4938271605f4e", "sha-{commit}")]
    [InlineData("ghcr.io/x/api:v-${IMAGE_TAG}-prod", "ghcr.io/x/api:v-1eabc9a-prod", "{commit7}")]
    [InlineData("ghcr.io/x/api:${IMAGE_TAG}", "ghcr.io/x/api:main-1eabc9a4", null)] // eight digits: there is no placeholder for them
    [InlineData("ghcr.io/x/api:${IMAGE_TAG}", "ghcr.io/x/api:latest", null)]
    [InlineData("ghcr.io/x/api:latest", "ghcr.io/x/api:latest", null)]
    [InlineData("${REGISTRY}/api:${IMAGE_TAG}", "ghcr.io/api:main-1eabc9a", null)] // which part is whose cannot be told
    public void A_variable_that_stands_for_the_commit(string written, string actual, string? value)
    {
        var found = ImageVariables.Find([(written, actual)], Commit);

        Assert.Equal(value is null ? [] : [KeyValuePair.Create("IMAGE_TAG", value)], found);
    }
}
