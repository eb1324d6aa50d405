/** Errors of providers that speak OpenAI's form. */
import { type Case, error } from "./case.ts";

/** Shortened from what the providers document or were seen to send. */
export const chatCases: Case[] = [
  [
    "OpenAI, per minute",
    "rateLimited",
    429,
    error(
      "Rate limit reached for gpt-5 in organization o on tokens per min (TPM): Limit 30000, Used 25000, Requested 9000. Please try again in 8s.",
      { type: "tokens", code: "rate_limit_exceeded" },
    ),
  ],
  [
    "OpenAI, one request above a minute's tokens",
    "unable",
    429,
    error(
      "Request too large for gpt-5 in organization o on tokens per min (TPM): Limit 30000, Requested 90000.",
      { type: "tokens", code: "rate_limit_exceeded" },
    ),
  ],
  [
    "OpenAI, no credit",
    "quota",
    429,
    error("You exceeded your current quota, please check your plan and billing details.", {
      type: "insufficient_quota",
      code: "insufficient_quota",
    }),
  ],
  [
    "OpenAI, wrong key",
    "keyRejected",
    401,
    error("Incorrect API key provided: sk-1*****2.", { code: "invalid_api_key" }),
  ],
  [
    "OpenAI, a model that the key may not use",
    "keyRejected",
    403,
    error("Project `proj_1` does not have access to model `gpt-5`", { code: "model_not_found" }),
  ],
  [
    "OpenAI, no such model",
    "modelUnknown",
    404,
    error("The model `gpt-9` does not exist or you do not have access to it.", { code: "model_not_found" }),
  ],
  [
    "OpenAI, window",
    "contextTooLong",
    400,
    error(
      "This model's maximum context length is 128000 tokens. However, your messages resulted in 150000 tokens.",
      { code: "context_length_exceeded" },
    ),
  ],
  [
    "OpenAI, output too large",
    "unable",
    400,
    error(
      "max_tokens is too large: 128000. This model supports at most 16384 completion tokens, whereas you provided 128000.",
    ),
  ],
  [
    "OpenAI, servers full",
    "overloaded",
    503,
    error("That model is currently overloaded with other requests.", { type: "server_error" }),
  ],
  [
    "OpenAI, a field that is wrong",
    "badRequest",
    400,
    error("Invalid type for 'messages[0].content'", { type: "invalid_request_error" }),
  ],
  [
    "ChatGPT's plan",
    "quota",
    429,
    error("The usage limit has been reached", {
      type: "usage_limit_reached",
      plan_type: "plus",
      resets_in_seconds: 13872,
    }),
  ],
  [
    "Groq, per minute as 413",
    "unable",
    413,
    error("Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested 7000", {
      code: "rate_limit_exceeded",
    }),
  ],
  ["Groq, flex tier", "overloaded", 498, error("capacity exceeded", { type: "invalid_request_error" })],
  [
    "Groq, a call that it cannot read",
    "broken",
    400,
    error("Failed to call a function.", { code: "tool_use_failed" }),
  ],
  [
    "OpenRouter, the provider behind it",
    "overloaded",
    429,
    error("Provider returned error", {
      code: 429,
      metadata: { raw: "x/y:free is temporarily rate-limited upstream. Please retry shortly." },
    }),
  ],
  [
    "OpenRouter, free models of a day",
    "rateLimited",
    429,
    error(
      "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day",
      { code: 429 },
    ),
  ],
  [
    "OpenRouter, credits",
    "quota",
    402,
    error(
      "This request requires more credits, or fewer max_tokens. You requested up to 64000 tokens, but can only afford 2666.",
      { code: 402 },
    ),
  ],
  ["OpenRouter, key's own limit", "quota", 403, error("Key limit exceeded (daily limit).", { code: 403 })],
  [
    "OpenRouter, no such model",
    "modelUnknown",
    400,
    error("x/nonsense is not a valid model ID", { code: 400 }),
  ],
  [
    "OpenRouter, no tools behind it",
    "unable",
    404,
    error("No endpoints found that support tool use.", { code: 404 }),
  ],
  [
    "OpenRouter, moderation",
    "badRequest",
    403,
    error("Your input was flagged by moderation of the model", { code: 403 }),
  ],
  [
    "DeepSeek, balance",
    "quota",
    402,
    error("Insufficient Balance", { type: "unknown_error", code: "invalid_request_error" }),
  ],
  [
    "DeepSeek, no such model",
    "modelUnknown",
    400,
    error("Model Not Exist", { type: "invalid_request_error" }),
  ],
  [
    "DeepSeek, reasoning that is missing",
    "unable",
    400,
    error("The reasoning_content in the thinking mode must be passed back to the API."),
  ],
  [
    "Moonshot, requests a minute",
    "rateLimited",
    429,
    error("Your account reached max request: 3, please try again after 1 seconds", {
      type: "rate_limit_reached_error",
    }),
  ],
  [
    "Moonshot, overloaded",
    "overloaded",
    429,
    error("The engine is currently overloaded, please try again later", { type: "engine_overloaded_error" }),
  ],
  [
    "Moonshot, credit as 403",
    "quota",
    403,
    error("Your account is not active, exceeded current quota, please check your plan and billing details", {
      type: "exceeded_current_quota_error",
    }),
  ],
  [
    "Moonshot, window",
    "contextTooLong",
    400,
    error("Invalid request: Your request exceeded model token limit: 131072", {
      type: "invalid_request_error",
    }),
  ],
  [
    "Kimi's plan",
    "quota",
    403,
    error("You've reached your usage limit for this billing cycle.", { type: "access_terminated_error" }),
  ],
  [
    "Z.AI, too many at once",
    "rateLimited",
    429,
    { error: { code: "1302", message: "High concurrency usage of this API, please reduce concurrency" } },
  ],
  [
    "Z.AI, overloaded",
    "overloaded",
    429,
    { error: { code: "1305", message: "The service may be temporarily overloaded, please try again later" } },
  ],
  [
    "Z.AI, balance",
    "quota",
    429,
    { error: { code: "1113", message: "Insufficient balance or no resource package. Please recharge." } },
  ],
  [
    "Z.AI, plan of five hours",
    "quota",
    429,
    {
      error: {
        code: "1308",
        message: "Usage limit reached for 5 hour. Your limit will reset at 2026-11-21 22:00:00",
      },
    },
  ],
  [
    "BigModel, the same in Chinese",
    "quota",
    429,
    { error: { code: "1308", message: "已达到 5 小时的使用上限。您的限额将在 2026-11-21 22:00:00 重置。" } },
  ],
  [
    "Z.AI, no such model",
    "modelUnknown",
    400,
    { error: { code: "1211", message: "Unknown Model, please check the model code." } },
  ],
  ["Z.AI, window", "contextTooLong", 400, { error: { code: "1261", message: "Prompt exceeds max length" } }],
  [
    "xAI, credits",
    "quota",
    429,
    {
      code: "Some resource has been exhausted",
      error: "Your team has either used all available credits or reached its monthly spending limit.",
    },
  ],
  [
    "xAI, window",
    "contextTooLong",
    400,
    {
      code: "Client specified an invalid argument",
      error: "This model's maximum prompt length is 131072 but the request contains 150000 tokens.",
    },
  ],
  [
    "xAI, wrong key as 400",
    "keyRejected",
    400,
    { code: "Client specified an invalid argument", error: "Incorrect API key provided: xa***56." },
  ],
  [
    "Mistral, no such model",
    "modelUnknown",
    400,
    { object: "error", message: "Invalid model: mistral-huge", type: "invalid_model", code: "1500" },
  ],
  [
    "Mistral, window",
    "contextTooLong",
    400,
    {
      object: "error",
      message: "Prompt contains 66385 tokens, too large for model with 32768 maximum context length",
      type: "invalid_request_error",
    },
  ],
  [
    "DashScope, window",
    "contextTooLong",
    400,
    error("<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 129024]", {
      code: "invalid_parameter_error",
    }),
  ],
  [
    "DashScope, free quota",
    "quota",
    403,
    error("The free tier of the model has been exhausted.", { code: "AllocationQuota.FreeTierOnly" }),
  ],
  [
    "SiliconFlow, window",
    "contextTooLong",
    400,
    {
      code: 20015,
      message: "length of prompt_tokens (150000) must be less than max_seq_len (131072).",
      data: null,
    },
  ],
  [
    "Ark, account",
    "quota",
    403,
    error("The request failed because your account has an overdue balance.", { code: "AccountOverdueError" }),
  ],
  [
    "vLLM, window",
    "contextTooLong",
    400,
    {
      object: "error",
      message: "The decoder prompt (length 5000) is longer than the maximum model length of 4096.",
      code: 400,
    },
  ],
  [
    "llama.cpp, window as 500",
    "contextTooLong",
    500,
    error("the request exceeds the available context size. try increasing the context size"),
  ],
  [
    "Ollama, no such model",
    "modelUnknown",
    404,
    error('model "qwen9" not found, try pulling it first', { type: "api_error" }),
  ],
  ["Ollama, no tools", "unable", 400, error("registry.ollama.ai/library/gemma:2b does not support tools")],
  [
    "Ollama's cloud, plan",
    "quota",
    429,
    { error: "you (name) have reached your session usage limit, please wait or upgrade to continue" },
  ],
  [
    "a guard in between, as a page",
    "unable",
    403,
    "<!DOCTYPE html><html><title>Just a moment...</title></html>",
  ],
  ["a gateway that says nothing", "unavailable", 502, ""],
  ["a gateway's page", "unavailable", 503, "<html><title>503 Service Temporarily Unavailable</title></html>"],
  ["Cloudflare's time-out", "timeout", 524, "error code: 524"],
];
