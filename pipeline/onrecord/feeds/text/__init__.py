"""From HTML to plain text: conversion, boilerplate and language."""
