using System.Text.Json.Nodes;
using Eclusier.Core.Preparing;

namespace Eclusier.Core.Tests.Preparing;

public sealed class ModelHashSpecs
{
    [Fact]
    public void The_order_of_keys_does_not_matter() =>
        Assert.Equal(Hash("""{"a":1,"b":{"c":[1,2],"d":null}}"""), Hash("""{"b":{"d":null,"c":[1,2]},"a":1}"""));

    [Theory]
    [InlineData("""{"a":1}""", """{"a":2}""")]
    [InlineData("""{"a":1}""", """{"a":"1"}""")]
    [InlineData("""{"a":null}""", """{}""")]
    [InlineData("""{"a":[1,2]}""", """{"a":[2,1]}""")]
    [InlineData("""{"a":["b,c"]}""", """{"a":["b","c"]}""")]
    [InlineData("""{"a":{"b":1}}""", """{"a":{},"b":1}""")]
    [InlineData("""{"a":""}""", """{"a":null}""")]
    [InlineData("""{"a\":1,\"b":1}""", """{"a":1,"b":1}""")]
    public void Any_other_difference_does(string one, string other) => Assert.NotEqual(Hash(one), Hash(other));

    [Fact]
    public void It_is_a_lower_case_SHA_256() => Assert.Equal("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", Hash("{}"));

    private static string Hash(string json) => ModelHash.Of(JsonNode.Parse(json));
}
