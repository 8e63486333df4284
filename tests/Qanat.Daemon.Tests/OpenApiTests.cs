using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Qanat.Daemon.Api;
using Qanat.Daemon.Tests.Fakes;
using Qanat.Tunnels.Modes;

namespace Qanat.Daemon.Tests;

/// <summary>The description that is written by hand, held against what is there.</summary>
public sealed class OpenApiTests
{
    private static readonly JsonElement Document = JsonDocument.Parse(OpenApiDocument.Open()).RootElement;
    private static readonly JsonElement Schemas = Document.GetProperty("components").GetProperty("schemas");

    [Fact]
    public async Task Every_route_is_described_and_nothing_else()
    {
        await using var server = await Server.StartAsync();
        var routes = from endpoint in server.Api.Endpoints
                     from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
                     select $"{method} {endpoint.RoutePattern.RawText}";
        var described = from path in Document.GetProperty("paths").EnumerateObject()
                        from operation in path.Value.EnumerateObject()
                        where operation.Name != "parameters"
                        select $"{operation.Name.ToUpperInvariant()} {path.Name}";
        Assert.Equal(routes.Order(), described.Order());
    }

    [Theory]
    [InlineData(typeof(TunnelSpec))]
    [InlineData(typeof(TunnelReport))]
    [InlineData(typeof(CounterReport))]
    [InlineData(typeof(DaemonStatus))]
    [InlineData(typeof(ApiError))]
    [InlineData(typeof(XfrmStateSpec))]
    [InlineData(typeof(XfrmMarkSpec))]
    [InlineData(typeof(XfrmAlgorithmSpec))]
    [InlineData(typeof(XfrmEncapSpec))]
    [InlineData(typeof(XfrmSelectorSpec))]
    [InlineData(typeof(XfrmLimitsSpec))]
    [InlineData(typeof(XfrmPolicySpec))]
    [InlineData(typeof(XfrmTemplateSpec))]
    [InlineData(typeof(XfrmStateReport))]
    [InlineData(typeof(XfrmPolicyReport))]
    [InlineData(typeof(XfrmUsageReport))]
    [InlineData(typeof(XfrmReplayReport))]
    public void Every_member_of_a_contract_is_described_with_its_type(Type contract)
    {
        var properties = Schemas.GetProperty(contract.Name).GetProperty("properties");
        var members = contract.GetProperties(BindingFlags.Public | BindingFlags.Instance);
        Assert.Equal(members.Select(NameOf).Order(), properties.EnumerateObject().Select(property => property.Name).Order());
        foreach (var member in members)
        {
            var schema = properties.GetProperty(NameOf(member));
            if (schema.TryGetProperty("$ref", out var reference))
                Assert.Equal($"#/components/schemas/{member.PropertyType.Name}", reference.GetString());
            else
                Assert.Equal(JsonTypeOf(member), schema.GetProperty("type").ToString().Replace(" ", "", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Defaults_and_modes_are_those_of_the_code()
    {
        var spec = new TunnelSpec { Mode = "ipip" };
        foreach (var property in Schemas.GetProperty("TunnelSpec").GetProperty("properties").EnumerateObject())
        {
            var member = typeof(TunnelSpec).GetProperties().Single(member => NameOf(member) == property.Name);
            if (property.Name == "mode")
                Assert.Equal(TunnelModes.Names, string.Join(", ", property.Value.GetProperty("enum").EnumerateArray()));
            else
                Assert.Equal(JsonSerializer.Serialize(member.GetValue(spec)), property.Value.GetProperty("default").GetRawText());
        }
    }

    [Fact]
    public void Every_reference_leads_somewhere()
    {
        var text = Document.GetRawText();
        foreach (var reference in References(Document).Distinct())
        {
            var place = Document;
            foreach (var part in reference.Split('/')[1..])
                place = place.GetProperty(part);
            Assert.Equal(JsonValueKind.Object, place.ValueKind);
        }
        Assert.Contains("\"openapi\": \"3.1.0\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_served()
    {
        await using var server = await Server.StartAsync();
        var served = await server.Client.GetStringAsync("/openapi.json", TestContext.Current.CancellationToken);
        Assert.Equal(Document.GetRawText(), JsonDocument.Parse(served).RootElement.GetRawText());
    }

    private static string NameOf(PropertyInfo member) => JsonNamingPolicy.CamelCase.ConvertName(member.Name);

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property =>
            property.NameEquals("$ref") ? [property.Value.GetString()!] : References(property.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };

    private static string JsonTypeOf(PropertyInfo member)
    {
        var type = Nullable.GetUnderlyingType(member.PropertyType) ?? member.PropertyType;
        var name = type == typeof(string) || type == typeof(DateTimeOffset) ? "string"
            : type == typeof(bool) ? "boolean"
            : type.IsPrimitive ? "integer"
            : type.IsArray ? "array"
            : "object";
        return new NullabilityInfoContext().Create(member).ReadState == NullabilityState.Nullable ? $"[\"{name}\",\"null\"]" : name;
    }
}
