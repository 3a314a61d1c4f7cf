using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Schema;

namespace EventDossier.Tests.Exports;

/// <summary>What the published schemas say of a file. None: it is valid.</summary>
internal static partial class Schemas
{
    /// <summary>
    /// The order, the types and the names that the XML serialisation of IEEE 1849-2016 allows, in our own spelling of it: what is published is only to be had in parts.
    /// </summary>
    private const string Xes = """
        <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="http://www.xes-standard.org/" targetNamespace="http://www.xes-standard.org/" elementFormDefault="qualified">
          <xs:group name="any"><xs:choice><xs:element ref="string"/><xs:element ref="id"/><xs:element ref="date"/><xs:element ref="int"/><xs:element ref="float"/><xs:element ref="boolean"/><xs:element ref="list"/></xs:choice></xs:group>
          <xs:complexType name="attribute"><xs:group ref="any" minOccurs="0" maxOccurs="unbounded"/><xs:attribute name="key" type="xs:Name" use="required"/></xs:complexType>
          <xs:complexType name="text"><xs:complexContent><xs:extension base="attribute"><xs:attribute name="value" type="xs:string" use="required"/></xs:extension></xs:complexContent></xs:complexType>
          <xs:element name="string" type="text"/>
          <xs:element name="id" type="text"/>
          <xs:element name="date"><xs:complexType><xs:complexContent><xs:extension base="attribute"><xs:attribute name="value" type="xs:dateTime" use="required"/></xs:extension></xs:complexContent></xs:complexType></xs:element>
          <xs:element name="int"><xs:complexType><xs:complexContent><xs:extension base="attribute"><xs:attribute name="value" type="xs:long" use="required"/></xs:extension></xs:complexContent></xs:complexType></xs:element>
          <xs:element name="float"><xs:complexType><xs:complexContent><xs:extension base="attribute"><xs:attribute name="value" type="xs:double" use="required"/></xs:extension></xs:complexContent></xs:complexType></xs:element>
          <xs:element name="boolean"><xs:complexType><xs:complexContent><xs:extension base="attribute"><xs:attribute name="value" type="xs:boolean" use="required"/></xs:extension></xs:complexContent></xs:complexType></xs:element>
          <xs:element name="list"><xs:complexType><xs:complexContent><xs:extension base="attribute"><xs:sequence><xs:element name="values" type="attribute"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType></xs:element>
          <xs:complexType name="event"><xs:group ref="any" minOccurs="0" maxOccurs="unbounded"/></xs:complexType>
          <xs:element name="log"><xs:complexType>
            <xs:sequence>
              <xs:element name="extension" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:attribute name="name" type="xs:NCName" use="required"/><xs:attribute name="prefix" type="xs:NCName" use="required"/><xs:attribute name="uri" type="xs:anyURI" use="required"/></xs:complexType></xs:element>
              <xs:element name="global" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:group ref="any" minOccurs="0" maxOccurs="unbounded"/><xs:attribute name="scope" type="xs:NCName" use="required"/></xs:complexType></xs:element>
              <xs:element name="classifier" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:attribute name="name" type="xs:NCName" use="required"/><xs:attribute name="scope" type="xs:NCName" use="required"/><xs:attribute name="keys" type="xs:token" use="required"/></xs:complexType></xs:element>
              <xs:group ref="any" minOccurs="0" maxOccurs="unbounded"/>
              <xs:element name="trace" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence><xs:group ref="any" minOccurs="0" maxOccurs="unbounded"/><xs:element name="event" type="event" minOccurs="0" maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element>
              <xs:element name="event" type="event" minOccurs="0" maxOccurs="unbounded"/>
            </xs:sequence>
            <xs:attribute name="xes.version" type="xs:decimal" use="required"/><xs:attribute name="xes.features" type="xs:token"/>
          </xs:complexType></xs:element>
        </xs:schema>
        """;

    public static IReadOnlyList<string> OfXes(Stream file)
    {
        var wrong = new List<string>();
        var settings = new XmlReaderSettings { ValidationType = ValidationType.Schema };
        settings.ValidationFlags |= XmlSchemaValidationFlags.ReportValidationWarnings;
        using (var schema = XmlReader.Create(new StringReader(Xes)))
            settings.Schemas.Add(null, schema);
        settings.ValidationEventHandler += (_, e) => wrong.Add($"line {e.Exception.LineNumber}: {e.Message}");
        using var xml = XmlReader.Create(file, settings);
        while (xml.Read() && wrong.Count < 20) { }
        return wrong;
    }

    /// <summary>By the schema as it is published. Keywords that it does not use are not known here, and fail.</summary>
    public static IReadOnlyList<string> OfOcel(JsonElement file)
    {
        using var schema = JsonDocument.Parse(File.ReadAllText(Shared.Path("schemas", "ocel20.schema.json")));
        var wrong = new List<string>();
        Check(file, schema.RootElement, "", wrong);
        return wrong;
    }

    private static void Check(JsonElement value, JsonElement schema, string place, List<string> wrong)
    {
        foreach (var rule in schema.EnumerateObject())
        {
            switch (rule.Name)
            {
                case "$schema":
                    break;
                case "type":
                    if (value.ValueKind != rule.Value.GetString() switch { "object" => JsonValueKind.Object, "array" => JsonValueKind.Array, "string" => JsonValueKind.String, _ => JsonValueKind.Undefined })
                        wrong.Add($"{place} is no {rule.Value}");
                    break;
                case "properties" when value.ValueKind == JsonValueKind.Object:
                    foreach (var property in rule.Value.EnumerateObject())
                    {
                        if (value.TryGetProperty(property.Name, out var member))
                            Check(member, property.Value, $"{place}/{property.Name}", wrong);
                    }
                    break;
                case "required" when value.ValueKind == JsonValueKind.Object:
                    wrong.AddRange(rule.Value.EnumerateArray().Where(name => !value.TryGetProperty(name.GetString()!, out _)).Select(name => $"{place} has no {name}"));
                    break;
                case "items" when value.ValueKind == JsonValueKind.Array:
                    foreach (var (i, item) in value.EnumerateArray().Index())
                        Check(item, rule.Value, $"{place}/{i}", wrong);
                    break;
                case "format" when rule.Value.GetString() == "date-time":
                    if (value.ValueKind == JsonValueKind.String && !(Rfc3339().IsMatch(value.GetString()!) && DateTimeOffset.TryParse(value.GetString(), CultureInfo.InvariantCulture, out _)))
                        wrong.Add($"{place}: {value} is no date-time");
                    break;
                case "properties" or "required" or "items":
                    break;
                default:
                    throw new InvalidOperationException($"the keyword {rule.Name} is not known here");
            }
        }
    }

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Rfc3339();
}
