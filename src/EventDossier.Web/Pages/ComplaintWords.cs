using EventDossier.Complaints;

namespace EventDossier.Web.Pages;

/// <summary>What is said of complaints, in the reader's language.</summary>
internal static class ComplaintWords
{
    public static string Kind(Words say, ComplaintKind kind) => kind switch
    {
        ComplaintKind.Complaint => say["complaint", "khiếu nại"],
        ComplaintKind.Feedback => say["feedback", "phản ánh"],
        _ => say["suggestion", "kiến nghị"],
    };

    public static string Stage(Words say, ComplaintStage stage) => stage switch
    {
        ComplaintStage.Received => say["came in", "mới đến"],
        ComplaintStage.Accepted => say["accepted", "đã thụ lý"],
        ComplaintStage.Assigned => say["being looked into", "đang giải quyết"],
        ComplaintStage.Answered => say["answered", "đã trả lời"],
        ComplaintStage.Declined => say["declined", "không thụ lý"],
        _ => say["closed", "đã kết thúc"],
    };

    public static string Duty(Words say, ComplaintDuty duty) =>
        duty == ComplaintDuty.Accept ? say["To be accepted or declined by", "Hạn thụ lý"] : say["To be answered by", "Hạn trả lời"];

    public static string Outcome(Words say, ComplaintOutcome outcome) => outcome switch
    {
        ComplaintOutcome.Upheld => say["upheld", "đúng"],
        ComplaintOutcome.PartlyUpheld => say["upheld in part", "đúng một phần"],
        ComplaintOutcome.NotUpheld => say["not upheld", "không đúng"],
        ComplaintOutcome.Noted => say["noted", "ghi nhận"],
        _ => say["withdrawn", "đã rút"],
    };

    /// <summary>What a choice of a form holds, by its name.</summary>
    /// <exception cref="UserError"><c>bad-field</c></exception>
    public static T Chosen<T>(IFormCollection form, string name) where T : struct, Enum => form.Text(name) is not { } told ? throw PlainForms.Bad(name, "missing")
        : Enum.GetNames<T>().Contains(told) ? Enum.Parse<T>(told) : throw PlainForms.Bad(name, string.Join(", ", Enum.GetNames<T>()));
}
