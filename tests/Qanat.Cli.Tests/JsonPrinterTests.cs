using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Qanat.Cli.Iproute2;

namespace Qanat.Cli.Tests;

public class JsonPrinterTests
{
    [Fact]
    public void Objects_of_an_array_follow_one_another() =>
        Assert.Equal("""[{"name":"a","number":1,"flag":null},{"name":"b","inner":{"number":2}}]""", Print(pretty: false));

    [Fact]
    public void Members_have_lines_of_their_own_when_it_is_indented() => Assert.Equal(
        """
        [ {
                "name": "a",
                "number": 1,
                "flag": null
            },{
                "name": "b",
                "inner": {
                    "number": 2
                }
            } ]
        """,
        Print(pretty: true));

    [Theory]
    [InlineData(false, "[]")]
    [InlineData(true, "[ ]")]
    public void An_empty_array_has_a_space_when_it_is_indented(bool pretty, string expected)
    {
        var output = new StringWriter();
        var json = new JsonPrinter(output, pretty);
        json.BeginArray();
        json.EndArray();
        Assert.Equal(expected, output.ToString());
    }

    [Fact]
    public void Any_text_is_read_back_by_another_reader() => Prop.ForAll<NonNull<string>, bool>((text, pretty) =>
    {
        var output = new StringWriter();
        var json = new JsonPrinter(output, pretty);
        json.BeginObject();
        json.String("text", text.Get);
        json.EndObject();
        return JsonDocument.Parse(output.ToString()).RootElement.GetProperty("text").GetString() == text.Get;
    }).QuickCheckThrowOnFailure();

    private static string Print(bool pretty)
    {
        var output = new StringWriter();
        var json = new JsonPrinter(output, pretty);
        json.BeginArray();
        json.BeginObject();
        json.String("name", "a");
        json.Number("number", 1);
        json.Null("flag");
        json.EndObject();
        json.BeginObject();
        json.String("name", "b");
        json.BeginObject("inner");
        json.Number("number", 2);
        json.EndObject();
        json.EndObject();
        json.EndArray();
        return output.ToString();
    }
}
